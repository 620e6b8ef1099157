// Tunnel accepts TCP connections in a network that has no way out, and passes them through its standard input and
// output to whoever started it. Both directions carry frames: one byte of kind, four of the connection (or listener),
// four of length, and the content. How a connection ends, in good order or by a reset, is passed on as it is.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// The frame from the starter that opens a listener: its content is the address.
const listen byte = 'L'

// Kinds of frames to the starter: the listener is there, with its address (or why not), and a connection came in on it.
const (
	listening byte = 'l'
	refused   byte = 'x'
	opened    byte = 'O'
)

// Kinds of frames in both directions, of one connection.
const (
	data  byte = 'D'
	end   byte = 'E'
	reset byte = 'R'
)

type tunnel struct {
	writing     sync.Mutex
	state       sync.Mutex
	next        uint32
	connections map[uint32]*connection
}

type connection struct {
	socket *net.TCPConn
	// What is to be sent; closed when there is no more.
	queue  chan []byte
	closed bool
	// What comes after the rest of the queue is a reset.
	aborted atomic.Bool
	// Both directions have ended when it is two.
	ended int
}

func (r *tunnel) send(kind byte, id uint32, content []byte) {
	frame := make([]byte, 9+len(content))
	frame[0] = kind
	binary.BigEndian.PutUint32(frame[1:], id)
	binary.BigEndian.PutUint32(frame[5:], uint32(len(content)))
	copy(frame[9:], content)
	r.writing.Lock()
	defer r.writing.Unlock()
	if _, err := os.Stdout.Write(frame); err != nil {
		os.Exit(0)
	}
}

func (r *tunnel) listen(id uint32, address string) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		r.send(refused, id, []byte(err.Error()))
		return
	}
	r.send(listening, id, []byte(listener.Addr().String()))
	for {
		socket, err := listener.Accept()
		if err != nil {
			return
		}
		r.accept(id, socket.(*net.TCPConn))
	}
}

func (r *tunnel) accept(listener uint32, socket *net.TCPConn) {
	connection := &connection{socket: socket, queue: make(chan []byte, 1024)}
	r.state.Lock()
	r.next++
	id := r.next
	r.connections[id] = connection
	r.state.Unlock()
	var from [4]byte
	binary.BigEndian.PutUint32(from[:], listener)
	r.send(opened, id, from[:])
	go r.read(id, connection)
	go r.write(id, connection)
}

func (r *tunnel) read(id uint32, connection *connection) {
	buffer := make([]byte, 32*1024)
	for {
		count, err := connection.socket.Read(buffer)
		if count > 0 {
			r.send(data, id, buffer[:count])
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, io.EOF):
			r.send(end, id, nil)
		case errors.Is(err, net.ErrClosed):
		case errors.Is(err, syscall.ECONNRESET):
			r.send(reset, id, nil)
		default:
			r.send(end, id, nil)
		}
		r.finish(id)
		return
	}
}

func (r *tunnel) write(id uint32, connection *connection) {
	var failure error
	for content := range connection.queue {
		// After a failure the rest is taken and dropped.
		if failure == nil {
			_, failure = connection.socket.Write(content)
		}
	}
	if connection.aborted.Load() {
		connection.socket.SetLinger(0)
		connection.socket.Close()
	} else {
		connection.socket.CloseWrite()
	}
	r.finish(id)
}

// finish counts one direction that has ended.
func (r *tunnel) finish(id uint32) {
	r.state.Lock()
	connection := r.connections[id]
	if connection != nil {
		connection.ended++
		if connection.ended == 2 {
			delete(r.connections, id)
			connection.socket.Close()
		}
	}
	r.state.Unlock()
}

// noMore ends what is sent. Frames are taken in turn, so nobody else calls it at the same time.
func (c *connection) noMore() {
	if !c.closed {
		c.closed = true
		close(c.queue)
	}
}

func (r *tunnel) take(kind byte, id uint32, content []byte) {
	r.state.Lock()
	connection := r.connections[id]
	r.state.Unlock()
	switch kind {
	case listen:
		go r.listen(id, string(content))
	case data:
		if connection != nil && !connection.closed {
			connection.queue <- content
		}
	case end:
		if connection != nil {
			connection.noMore()
		}
	case reset:
		if connection != nil {
			connection.aborted.Store(true)
			// Whoever reads no more does not keep the reset back.
			connection.socket.SetWriteDeadline(time.Now().Add(time.Second))
			connection.noMore()
		}
	}
}

func main() {
	r := &tunnel{connections: map[uint32]*connection{}}
	input := bufio.NewReader(os.Stdin)
	var header [9]byte
	for {
		if _, err := io.ReadFull(input, header[:]); err != nil {
			return
		}
		content := make([]byte, binary.BigEndian.Uint32(header[5:]))
		if _, err := io.ReadFull(input, content); err != nil {
			return
		}
		r.take(header[0], binary.BigEndian.Uint32(header[1:]), content)
	}
}
