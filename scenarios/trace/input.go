package trace

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// blockSize is what one read asks for; a line must fit in maxLine.
const (
	blockSize = 256 << 10
	maxLine   = 4 << 20
)

// packing is how a file's bytes are stored.
type packing uint8

const (
	plain packing = iota
	gzipped
	zstandard
)

// input is one opened file, decompressed as it is read. The kind is recognised by content, not by name.
type input struct {
	path  string
	limit int64 // most bytes after decompression
	file  *os.File
	kind  packing
	r     io.Reader
	zdec  *zstd.Decoder
	got   int64
}

func openInput(path string, limit int64) (*input, error) {
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, &Error{File: path, What: "no such file: " + path}
		}
		return nil, &Error{File: path, What: "cannot be opened: " + err.Error()}
	}
	if st, err := f.Stat(); err == nil && st.IsDir() {
		f.Close()
		return nil, &Error{File: path, What: "is a folder", Want: "expected a file"}
	}
	in := &input{path: path, limit: limit, file: f}
	if err := in.unpack(); err != nil {
		f.Close()
		return nil, err
	}
	return in, nil
}

// unpack looks at the first bytes and sets up the decompressor.
func (in *input) unpack() error {
	head := bufio.NewReaderSize(in.file, 64<<10)
	magic, err := head.Peek(4)
	if err != nil && err != io.EOF {
		return &Error{File: in.path, What: "cannot be read: " + err.Error()}
	}
	in.r = head
	switch {
	case len(magic) >= 2 && magic[0] == 0x1f && magic[1] == 0x8b:
		in.kind = gzipped
		z, err := gzip.NewReader(head)
		if err != nil {
			return &Error{File: in.path, What: "starts like gzip but is not: " + err.Error()}
		}
		in.r = z
	case len(magic) == 4 && magic[0] == 0x28 && magic[1] == 0xb5 && magic[2] == 0x2f && magic[3] == 0xfd:
		in.kind = zstandard
		z, err := zstd.NewReader(head, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20),
			zstd.WithDecoderMaxMemory(256<<20), zstd.WithDecoderLowmem(true))
		if err != nil {
			return &Error{File: in.path, What: "starts like zstd but is not: " + err.Error()}
		}
		in.zdec, in.r = z, z
	case len(magic) >= 2 && (magic[0] == 0xff && magic[1] == 0xfe || magic[0] == 0xfe && magic[1] == 0xff):
		return &Error{File: in.path, What: "is text in UTF-16", Want: "expected UTF-8", Do: "save it again as UTF-8"}
	case len(magic) == 4 && string(magic) == "PAR1":
		return &Error{File: in.path, What: "is a Parquet file", Want: "expected text, plain or compressed with gzip or zstd"}
	}
	return nil
}

// Read yields decompressed bytes and refuses more than the limit.
func (in *input) Read(p []byte) (int, error) {
	n, err := in.r.Read(p)
	in.got += int64(n)
	if in.got > in.limit {
		return 0, &Error{File: in.path, What: fmt.Sprintf("holds more than %d bytes when unpacked", in.limit),
			Do: "raise the limit if that is right"}
	}
	if err == nil || err == io.EOF {
		return n, err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return n, &Error{File: in.path, What: fmt.Sprintf("ends too early: the compressed data is cut after %d bytes", in.got),
			Do: "fetch or copy the file again"}
	}
	return n, &Error{File: in.path, What: "cannot be read: " + err.Error()}
}

// skipTo moves to a byte offset of the decompressed content, from the start of a freshly opened input.
func (in *input) skipTo(off int64) error {
	if in.kind == plain {
		if _, err := in.file.Seek(off, io.SeekStart); err != nil {
			return &Error{File: in.path, What: "cannot be read twice: " + err.Error(),
				Want: "a simulation that forks needs a regular file"}
		}
		in.r, in.got = in.file, off
		return nil
	}
	n, err := io.CopyN(io.Discard, in, off)
	if err == io.EOF {
		return &Error{File: in.path, What: fmt.Sprintf("has become shorter: %d bytes, was at %d", n, off)}
	}
	return err
}

func (in *input) Close() error {
	if in.zdec != nil {
		in.zdec.Close()
		in.zdec = nil
	}
	if in.file == nil {
		return nil
	}
	err := in.file.Close()
	in.file = nil
	return err
}
