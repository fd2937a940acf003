package api

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
)

// crowdedListener has no room for a connection twice, then has one, and is closed then.
type crowdedListener struct {
	net.Listener
	calls int
}

func (l *crowdedListener) Accept() (net.Conn, error) {
	l.calls++
	switch l.calls {
	case 1, 2:
		return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	case 3:
		a, _ := net.Pipe()
		return a, nil
	}
	return nil, net.ErrClosed
}

func TestNoRoomForAConnection(t *testing.T) {
	c := track(&crowdedListener{})
	conn, err := c.Accept()
	if err != nil || conn == nil {
		t.Fatal(err)
	}
	if _, err := c.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	c.closeAll()
	if len(c.open) != 0 {
		t.Errorf("%d connections are open still", len(c.open))
	}
}
