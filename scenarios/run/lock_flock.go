//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package run

import (
	"errors"
	"os"
	"syscall"
)

// lockFolder takes the folder for one run, until the file is closed. The lock is the kernel's and lies on the folder itself: a
// killed run leaves nothing behind that would stop the next one. It returns errBusy while another run writes there.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		err = errBusy
	case errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOSYS):
		return f, nil // a file system without locks, some network ones: as before there were any
	}
	return nil, errors.Join(err, f.Close())
}
