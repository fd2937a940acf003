package main

import (
	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/scenarios"
)

func (m Main) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON schema of scenario files, for editors", Args: exactArgs(0, "none"),
		RunE: func(*cobra.Command, []string) error {
			text, err := scenarios.Schema()
			if err != nil {
				return err
			}
			_, err = m.Out.Write(text)
			return err
		},
	}
}
