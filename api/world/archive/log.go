package archive

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// log is bytes that are appended to: in a file, or in memory.
type log struct {
	file *os.File
	size int64

	mu     sync.RWMutex // of blocks, which readers look into while there is more to come
	blocks [][]byte     // in memory: a record lies whole in one of them
	fill   int          // bytes in use of the last one
}

// block is the size of a piece of memory; its number stands above the offset in a record's place.
const (
	blockBits = 18
	block     = 1 << blockBits
)

var errCut = errors.New("it ends before its end")

// openLog opens a file, cut to what of it is good.
func openLog(path string, size int64) (*log, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && st.Size() < size {
		err = fmt.Errorf("%s: %w (%d bytes of %d)", path, errCut, st.Size(), size)
	}
	if err == nil {
		err = f.Truncate(size)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &log{file: f, size: size}, nil
}

// append adds bytes to the file and gives their place. Those of a failed call are written over by the next.
func (l *log) append(b []byte) (at int64, err error) {
	if _, err := l.file.WriteAt(b, l.size); err != nil {
		return 0, err
	}
	at = l.size
	l.size += int64(len(b))
	return at, nil
}

// keep adds bytes to the memory and gives their place.
func (l *log) keep(b []byte) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.blocks)
	if n == 0 || l.fill+len(b) > len(l.blocks[n-1]) {
		l.blocks, l.fill = append(l.blocks, make([]byte, max(block, len(b)))), 0
		n++
	}
	at := int64(n-1)<<blockBits | int64(l.fill)
	l.fill += copy(l.blocks[n-1][l.fill:], b)
	l.size += int64(len(b))
	return at
}

// read gives the n bytes at a place; they may be the log's own.
func (l *log) read(at int64, n int) ([]byte, error) {
	if l.file == nil {
		l.mu.RLock()
		defer l.mu.RUnlock()
		from := int(at & (block - 1))
		return l.blocks[at>>blockBits][from : from+n : from+n], nil
	}
	b := make([]byte, n)
	_, err := l.file.ReadAt(b, at)
	if errors.Is(err, io.EOF) {
		err = errCut
	}
	return b, err
}

func (l *log) close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
