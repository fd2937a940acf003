// Command orrery simulates GPU clusters: it replays workloads under scheduling policies and reports who waited and why.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(25) // what lives is mostly tables without pointers: collecting often costs next to nothing, and a quarter is waste at most
	}
	os.Exit(program())
}

// program runs the command line of this process; an interrupt ends it cleanly, a second one at once.
func program() int {
	tellLimits()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() { // a second interrupt ends the process at once
		<-ctx.Done()
		stop()
	}()
	return Main{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}.Run(ctx, os.Args[1:])
}
