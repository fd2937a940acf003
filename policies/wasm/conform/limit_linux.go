package conform

import "syscall"

// limitSpace bounds the process's address space. Where it cannot be bounded the soft limit stays.
func limitSpace(bytes uint64) {
	var now syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &now); err != nil || now.Cur <= bytes {
		return
	}
	_ = syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: bytes, Max: min(now.Max, bytes)})
}
