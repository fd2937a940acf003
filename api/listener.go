package api

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// connections are those of a listener, so that they can be closed: idle ones outlive the web server's own shutdown.
type connections struct {
	net.Listener
	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
}

func track(l net.Listener) *connections {
	return &connections{Listener: l, open: map[net.Conn]struct{}{}}
}

// Accept waits for the next connection and remembers it. That there is no room for one more is no reason to serve nobody any longer: it
// waits until there is.
func (c *connections) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	for ; err != nil; conn, err = c.Listener.Accept() {
		if !passes(err) {
			return nil, err
		}
		time.Sleep(crowded)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		conn.Close()
		return nil, net.ErrClosed
	}
	t := &connection{Conn: conn, of: c}
	c.open[t] = struct{}{}
	return t, nil
}

// crowded is how long it is waited for room.
const crowded = 50 * time.Millisecond

// passes reports whether an error of Accept is about one connection, or about all that are open now.
func passes(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.ECONNRESET} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// closeAll closes every connection and lets no more in.
func (c *connections) closeAll() {
	c.mu.Lock()
	c.closed = true
	all := make([]net.Conn, 0, len(c.open))
	for conn := range c.open {
		all = append(all, conn)
	}
	c.mu.Unlock()
	for _, conn := range all {
		conn.Close()
	}
}

// connection forgets itself when it is closed.
type connection struct {
	net.Conn
	of *connections
}

// Close closes the connection.
func (c *connection) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}
