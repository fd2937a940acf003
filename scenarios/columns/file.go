package columns

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// File is a file that appears under its name only when it is whole: it is written beside it under a temporary name.
type File struct {
	*os.File
	name string
	over bool
}

// Create starts a file. Call Commit, or Abort, once it is written; Abort after Commit does nothing.
func Create(name string) (*File, error) {
	if st, err := os.Lstat(name); err == nil && !st.Mode().IsRegular() {
		return nil, &os.PathError{Op: "replace", Path: name, Err: errors.New("is no plain file (a folder, link, pipe or device) and is not replaced")}
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".tmp-*")
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(0o644); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return &File{File: f, name: name}, nil
}

// Commit makes the content durable and gives the file its name, replacing what had it.
func (f *File) Commit() error {
	if f.over {
		return fmt.Errorf("%s: committed or aborted before", f.name)
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Abort())
	}
	f.over = true
	if err := f.Close(); err != nil {
		return errors.Join(err, os.Remove(f.File.Name()))
	}
	if err := os.Rename(f.File.Name(), f.name); err != nil {
		return errors.Join(err, os.Remove(f.File.Name()))
	}
	return syncDir(filepath.Dir(f.name))
}

// Abort removes what was written so far; the name keeps what it had.
func (f *File) Abort() error {
	if f.over {
		return nil
	}
	f.over = true
	return errors.Join(f.Close(), os.Remove(f.File.Name()))
}

// syncDir makes a rename durable. Some file systems cannot sync a folder; then the rename is as durable as they make it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}

// WriteFile replaces a file atomically.
func WriteFile(name string, content []byte) error {
	f, err := Create(name)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Commit()
}
