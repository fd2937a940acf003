// Command pgo copies a CPU profile from standard input to standard output without the paths of the machine that it was taken
// on: the compiler looks at functions and lines only.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := blank(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pgo:", err)
		os.Exit(1)
	}
}

// stringTable is the field of a profile (profile.proto) that holds all its texts.
const stringTable = 6

func blank(r io.Reader, w io.Writer) error {
	in, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	rest, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	out := gzip.NewWriter(w)
	for len(rest) > 0 {
		n, text, field := message(rest)
		if n <= 0 {
			return fmt.Errorf("the profile is broken %d bytes before its end", len(rest))
		}
		if field == stringTable && bytes.HasPrefix(text, []byte("/")) {
			_, err = out.Write([]byte{stringTable<<3 | 2, 0})
		} else {
			_, err = out.Write(rest[:n])
		}
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	return out.Close()
}

// message reads one field: its length in bytes, 0 or less if it is broken, its content if it has a length, its number.
func message(b []byte) (n int, text []byte, field uint64) {
	tag, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil, 0
	}
	v, m := binary.Uvarint(b[n:])
	switch {
	case m <= 0 || tag&7 != 0 && tag&7 != 2:
		return 0, nil, 0
	case tag&7 == 0:
		return n + m, nil, tag >> 3
	case v > uint64(len(b)-n-m):
		return 0, nil, 0
	}
	from := n + m
	return from + int(v), b[from : from+int(v)], tag >> 3
}
