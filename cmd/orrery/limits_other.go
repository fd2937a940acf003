//go:build !unix

package main

func tellLimits() {}
