package message

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Synthetic people and places. None of it is about anybody: load runs never carry health data.
var (
	givenNames  = []string{"Alex", "Bente", "Carol", "Dana", "Eli", "Fran", "Gray", "Hollis", "Indra", "Jules", "Kim", "Lee", "Morgan", "Noor", "Oak", "Perry"}
	familyNames = []string{"Ashdown", "Birch", "Castell", "Dorn", "Elmore", "Farrow", "Glade", "Hazel", "Isley", "Juniper", "Kestrel", "Larkin", "Maple"}
	cities      = []string{"Northfield", "Eastbrook", "Southgate", "Westhaven", "Midvale", "Lakeside", "Hillcrest"}
	words       = strings.Fields(`this text stands for the body of a message in a load test and says nothing about anybody it only has the
		length and the shape of what people write with short words and longer sentences lines of ordinary width and no value
		to whoever reads it synthetic content measured delivery ordinary mail sample paragraph filler neutral plain`)
)

const fillerLine = 76

// filler makes lines of synthetic words with exactly the given number of octets, ending in CRLF. It has no dots, so
// that any end of it can begin a line of a message.
func filler(size int) []byte {
	if size < 2 {
		size = 2
	}
	random := rand.New(rand.NewPCG(1, uint64(size)))
	text := make([]byte, 0, size+fillerLine)
	for len(text) < size {
		width := 0
		for {
			word := words[random.IntN(len(words))]
			if width+len(word)+1 > fillerLine {
				break
			}
			if width > 0 {
				text = append(text, ' ')
				width++
			}
			text = append(text, word...)
			width += len(word)
		}
		text = append(text, '\r', '\n')
	}
	text = text[:size]
	copy(text[size-2:], "\r\n")
	if size > 2 && text[size-3] == '\r' {
		text[size-3] = ' '
	}
	return text
}

// placeholders are what a text may contain in double braces.
var placeholders = map[string]func(target []byte, fields *Fields) []byte{
	"sequence":  func(target []byte, f *Fields) []byte { return strconv.AppendUint(target, f.Stamp.Sequence, 10) },
	"run":       func(target []byte, f *Fields) []byte { return append(target, f.Stamp.Run...) },
	"recipient": func(target []byte, f *Fields) []byte { return append(target, f.To[0]...) },
	"givenName": func(target []byte, f *Fields) []byte {
		return append(target, givenNames[f.Stamp.Sequence%uint64(len(givenNames))]...)
	},
	"familyName": func(target []byte, f *Fields) []byte {
		return append(target, familyNames[f.Stamp.Sequence%uint64(len(familyNames))]...)
	},
	"city": func(target []byte, f *Fields) []byte {
		return append(target, cities[f.Stamp.Sequence%uint64(len(cities))]...)
	},
	"date": func(target []byte, f *Fields) []byte { return f.Stamp.Sent.UTC().AppendFormat(target, "2006-01-02") },
	"code": func(target []byte, f *Fields) []byte {
		return fmt.Appendf(target, "%06d", f.Stamp.Sequence*7919%1_000_000)
	},
}

// segment is a piece of text followed by the value of a placeholder, if there is one.
type segment struct {
	text  string
	value func([]byte, *Fields) []byte
}

// parseText splits a text at its placeholders.
func parseText(text string) ([]segment, error) {
	var segments []segment
	for {
		before, rest, found := strings.Cut(text, "{{")
		if !found {
			return append(segments, segment{text: text}), nil
		}
		name, after, closed := strings.Cut(rest, "}}")
		value := placeholders[strings.TrimSpace(name)]
		if !closed || value == nil {
			return nil, fmt.Errorf("placeholder {{%.30s}} is not known", name)
		}
		segments = append(segments, segment{text: before, value: value})
		text = after
	}
}

func appendText(target []byte, segments []segment, fields *Fields) []byte {
	for _, piece := range segments {
		target = append(target, piece.text...)
		if piece.value != nil {
			target = piece.value(target, fields)
		}
	}
	return target
}
