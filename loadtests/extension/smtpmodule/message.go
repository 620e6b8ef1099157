package smtpmodule

import (
	"errors"
	"fmt"
	"strings"

	"github.com/grafana/sobek"

	"hipaa-check/loadtests/extension/message"
	"hipaa-check/loadtests/extension/smtpclient"
)

// contentKey describes messages. Equal descriptions share a template.
type contentKey struct {
	size                                              int
	template, subject, text, html, unsubscribe, whole string
	// extras are headers and attachments, written out.
	extras string
}

// request is what a script asks to send.
type request struct {
	envelope smtpclient.Envelope
	key      contentKey
	count    int
	spec     message.Spec
}

// maxTemplates bounds what is kept for scripts that describe every message differently.
const maxTemplates = 1000

// readRequest reads the argument of send and sendBatch.
func (i *Instance) readRequest(what string, argument sobek.Value, isBatch bool) (*request, *message.Template) {
	object := i.toObject(what, argument)
	r := &i.request
	*r = request{envelope: smtpclient.Envelope{To: r.envelope.To[:0]}}
	for _, key := range object.Keys() {
		value := object.Get(key)
		if sobek.IsUndefined(value) {
			continue
		}
		switch err := r.read(key, value, isBatch); {
		case errors.Is(err, errUnknown):
			i.fail(fmt.Errorf("%s: %s is not known", what, key))
		case err != nil:
			i.fail(fmt.Errorf("%s: %s: %w", what, key, err))
		}
	}
	if err := r.envelope.Validate(); err != nil {
		i.fail(fmt.Errorf("%s: %w", what, err))
	}
	if isBatch && r.count < 1 {
		i.fail(fmt.Errorf("%s: count must be at least 1", what))
	}
	template, err := i.template(r)
	if err != nil {
		i.fail(fmt.Errorf("%s: %w", what, err))
	}
	return r, template
}

// errUnknown says that there is no such field.
var errUnknown = errors.New("not known")

// read takes one field. It is a switch, and not a table, because it runs for every message.
func (r *request) read(key string, value sobek.Value, isBatch bool) error {
	switch key {
	case "from":
		return text(&r.envelope.From)(value)
	case "to":
		return readRecipients(value, &r.envelope.To)
	case "size":
		if err := whole(&r.key.size)(value); err != nil || r.key.size < 1 {
			return errors.New("must be a number of octets")
		}
		return nil
	case "count":
		if !isBatch {
			return errUnknown
		}
		return whole(&r.count)(value)
	case "template":
		return text(&r.key.template)(value)
	case "subject":
		return text(&r.key.subject)(value)
	case "text":
		return text(&r.key.text)(value)
	case "html":
		return text(&r.key.html)(value)
	case "listUnsubscribe":
		return text(&r.key.unsubscribe)(value)
	case "data", "eml":
		if r.key.whole != "" {
			return errors.New("data and eml do not go together")
		}
		content, err := octets(value)
		if r.key.whole = content; err == nil && content == "" {
			err = errors.New("is empty")
		}
		return err
	case "headers":
		return r.readHeaders(value)
	case "attachments":
		return r.readAttachments(value)
	case "dsn":
		return r.readDSN(value)
	case "requireTls":
		return flag(&r.envelope.RequireTLS)(value)
	}
	return errUnknown
}

func readRecipients(value sobek.Value, target *[]string) error {
	switch given := value.Export().(type) {
	case string:
		*target = append((*target)[:0], given)
		return nil
	case []any:
		*target = (*target)[:0]
		for _, element := range given {
			address, isText := element.(string)
			if !isText {
				return errors.New("must be a text or a list of texts")
			}
			*target = append(*target, address)
		}
		return nil
	}
	return errors.New("must be a text or a list of texts")
}

// octets gives a text or the content of an ArrayBuffer.
func octets(value sobek.Value) (string, error) {
	switch given := value.Export().(type) {
	case string:
		return given, nil
	case sobek.ArrayBuffer:
		return string(given.Bytes()), nil
	case []byte:
		return string(given), nil
	}
	return "", errors.New("must be a text or an ArrayBuffer")
}

func (r *request) readHeaders(value sobek.Value) error {
	object, isObject := value.(*sobek.Object)
	if !isObject {
		return errors.New("must be an object")
	}
	r.spec.Headers = map[string]string{}
	for _, name := range object.Keys() {
		content, isText := object.Get(name).Export().(string)
		if !isText {
			return fmt.Errorf("%s must be a text", name)
		}
		r.spec.Headers[name] = content
		r.key.extras += name + "\x00" + content + "\x00"
	}
	return nil
}

func (r *request) readAttachments(value sobek.Value) error {
	list, isList := value.(*sobek.Object)
	if !isList || list.ClassName() != "Array" {
		return errors.New("must be a list")
	}
	for _, index := range list.Keys() {
		object, isObject := list.Get(index).(*sobek.Object)
		if !isObject {
			return errors.New("must be a list of objects")
		}
		var attachment message.Attachment
		err := readFields(object, map[string]func(sobek.Value) error{
			"name": text(&attachment.Name), "type": text(&attachment.Type), "size": whole(&attachment.Size),
			"content": func(value sobek.Value) error {
				content, err := octets(value)
				attachment.Content = []byte(content)
				return err
			},
		})
		if err != nil {
			return fmt.Errorf("[%s]: %w", index, err)
		}
		r.spec.Attachments = append(r.spec.Attachments, attachment)
		r.key.extras += fmt.Sprintf("\x01%s\x00%s\x00%d\x00%s", attachment.Name, attachment.Type, attachment.Size, attachment.Content)
	}
	return nil
}

func (r *request) readDSN(value sobek.Value) error {
	object, isObject := value.(*sobek.Object)
	if !isObject {
		return errors.New("must be an object")
	}
	r.envelope.DSN = &smtpclient.DSN{}
	return readFields(object, map[string]func(sobek.Value) error{
		"return": text(&r.envelope.DSN.Return), "envelopeId": text(&r.envelope.DSN.EnvelopeID),
		"originalRecipient": flag(&r.envelope.DSN.OriginalRecipient),
		"notify":            func(value sobek.Value) error { return readRecipients(value, &r.envelope.DSN.Notify) },
	})
}

// template gives the template of a description, made once.
func (i *Instance) template(r *request) (*message.Template, error) {
	if i.last != nil && i.lastKey == r.key {
		return i.last, nil
	}
	root := i.root
	root.mutex.Lock()
	template := root.templates[r.key]
	root.mutex.Unlock()
	if template == nil {
		var err error
		if template, err = r.compile(); err != nil {
			return nil, err
		}
		root.mutex.Lock()
		if len(root.templates) >= maxTemplates {
			clear(root.templates)
		}
		root.templates[r.key] = template
		root.mutex.Unlock()
	}
	i.last, i.lastKey = template, r.key
	return template, nil
}

func (r *request) compile() (*message.Template, error) {
	k := &r.key
	if k.whole != "" {
		if (contentKey{whole: k.whole}) != *k {
			return nil, errors.New("data and eml are whole messages: size, template, subject, text, html, headers, listUnsubscribe and attachments do not go with them")
		}
		return message.CompileRaw([]byte(k.whole))
	}
	r.spec.Template, r.spec.Size, r.spec.Subject = k.template, k.size, k.subject
	r.spec.Text, r.spec.HTML, r.spec.ListUnsubscribe = k.text, k.html, strings.TrimSpace(k.unsubscribe)
	return message.Compile(r.spec)
}
