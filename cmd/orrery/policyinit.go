package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/policies/sdk"
)

func (m Main) policyInitCommand() *cobra.Command {
	var lang string
	cmd := &cobra.Command{Use: "init DIR --lang LANGUAGE", Short: "Begin a policy of your own as a WebAssembly module",
		Long: "Writes a folder with the source of a best-fit placement that works, one SDK file, build.sh, which makes the module, and README.md.\n" +
			"The policy is called after the folder. docs/abi.md has what a module may ask for and answer.",
		Example: "  orrery policy init my-policy --lang c\n  my-policy/build.sh\n  orrery run scenario.yaml --policy fifo+easy+my-policy/my-policy.wasm",
		Args:    exactArgs(1, "a folder"),
		RunE: func(_ *cobra.Command, args []string) error {
			if lang == "" {
				return usageError{fmt.Errorf("policy init %s\n  no language; expected --lang with one of %s", args[0], strings.Join(sdk.Languages(), ", "))}
			}
			dir := filepath.Clean(args[0])
			abs, err := filepath.Abs(dir)
			if err != nil {
				return err
			}
			name := filepath.Base(abs)
			if err := sdk.Init(dir, lang, name); err != nil {
				return usageError{fmt.Errorf("policy init %s: %w", args[0], err)}
			}
			fmt.Fprintf(m.Out, "%s: a best-fit placement in %s to begin with\n", plain(dir), lang)
			fmt.Fprintf(m.Out, "next:  %s/build.sh   makes %s.wasm (README.md says what it needs)\n", plain(dir), name)
			fmt.Fprintf(m.Out, "       orrery policy check %s/%s.wasm\n", plain(dir), name)
			fmt.Fprintf(m.Out, "       orrery run scenario.yaml --policy fifo+easy+%s/%s.wasm\n", plain(dir), name)
			return nil
		}}
	cmd.Flags().StringVar(&lang, "lang", "", "language: "+strings.Join(sdk.Languages(), ", "))
	return cmd
}
