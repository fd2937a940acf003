package trace

import (
	"bytes"
	"fmt"
	"io"
)

// lines cuts an input into lines without copying them: a line stays valid until the next call, and spare bytes behind it
// may be read as well.
type lines struct {
	in   *input
	buf  []byte
	r, w int
	eof  bool
	line int   // number of the line returned last, from 1
	off  int64 // offset of the byte after that line
}

func newLines(in *input) *lines { return &lines{in: in, buf: make([]byte, blockSize+spare)} }

// next returns the next line without its end (LF or CRLF), or io.EOF. A byte order mark at the start is dropped.
func (l *lines) next() ([]byte, error) {
	for {
		if i := bytes.IndexByte(l.buf[l.r:l.w], '\n'); i >= 0 {
			text := l.buf[l.r : l.r+i]
			l.r += i + 1
			return l.took(text, i+1), nil
		}
		if l.eof {
			if l.r == l.w {
				return nil, io.EOF
			}
			text := l.buf[l.r:l.w]
			l.r = l.w
			return l.took(text, len(text)), nil
		}
		if err := l.fill(); err != nil {
			return nil, err
		}
	}
}

func (l *lines) took(text []byte, n int) []byte {
	if l.off == 0 {
		text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	}
	l.off += int64(n)
	l.line++
	if k := len(text); k > 0 && text[k-1] == '\r' {
		text = text[:k-1]
	}
	return text
}

// fill reads one block behind what is left of the last, growing the buffer for a long line.
func (l *lines) fill() error {
	if l.r > 0 {
		copy(l.buf, l.buf[l.r:l.w])
		l.w -= l.r
		l.r = 0
	}
	if l.w == len(l.buf)-spare {
		if len(l.buf) >= maxLine {
			return &Error{File: l.in.path, Line: l.line + 1, What: fmt.Sprintf("is longer than %d bytes", maxLine),
				Want: "expected one record a line", Do: "is this a text file of the format that was asked for?"}
		}
		l.buf = append(l.buf, make([]byte, len(l.buf))...)
	}
	for range 100 {
		n, err := l.in.Read(l.buf[l.w : len(l.buf)-spare])
		l.w += n
		if err == io.EOF {
			l.eof = true
			return nil
		}
		if err != nil {
			if e, ok := err.(*Error); ok && e.Line == 0 {
				e.Line = l.line + 1
			}
			return err
		}
		if n > 0 {
			return nil
		}
	}
	return &Error{File: l.in.path, Line: l.line + 1, What: "cannot be read: no progress"}
}

// place is a spot to which back returns.
type place struct {
	line int
	off  int64
}

func (l *lines) place() place { return place{l.line, l.off} }

// back gives the line read last back, so that next returns it again: the block still holds it.
func (l *lines) back(p place) {
	l.r -= int(l.off - p.off)
	l.line, l.off = p.line, p.off
}

// reopen is an independent reader of the same file at the same place.
func (l *lines) reopen() (*lines, error) {
	in, err := openInput(l.in.path, l.in.limit)
	if err != nil {
		return nil, err
	}
	c := newLines(in)
	c.line, c.off = l.line, l.off
	if err := in.skipTo(l.off); err != nil {
		in.Close()
		return nil, err
	}
	return c, nil
}
