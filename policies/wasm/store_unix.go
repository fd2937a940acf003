//go:build unix

package wasm

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// owned reports whether a file is this user's.
func owned(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Getuid()
}

// isReadOnly reports whether a folder could not be made because nothing can be written there.
func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }
