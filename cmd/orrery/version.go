package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/sim"
)

// version is set by the linker (Makefile); without it the build information speaks.
var version = ""

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "devel"
}

func (m Main) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: exactArgs(0, "none"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintf(m.Out, "orrery %s  digest version %d  %s %s/%s\n", versionText(), sim.DigestVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
