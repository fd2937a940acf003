//go:build !unix

package wasm

import "io/fs"

func owned(fs.FileInfo) bool { return true }

func isReadOnly(error) bool { return false }
