//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// tellLimits has a write beyond the limit on the size of files fail like one on a full disk; else it would end the process.
func tellLimits() { signal.Ignore(syscall.SIGXFSZ) }
