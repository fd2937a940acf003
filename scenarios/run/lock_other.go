//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package run

import "os"

// lockFolder opens the folder; a system without flock does not keep two runs apart.
func lockFolder(dir string) (*os.File, error) { return os.Open(dir) }
