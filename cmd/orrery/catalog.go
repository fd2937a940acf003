package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/scenarios/catalog"
	"github.com/orrery-sim/orrery/sim/units"
)

// catalogTables are the tables that can be printed.
var catalogTables = []string{"prices", "nodes", "accelerators", "resources"}

func (m Main) catalogCommand() *cobra.Command {
	var sheets []string
	var currency string
	cmd := &cobra.Command{Use: "catalog [TABLE [WORD]]", Short: "Print the catalogue: prices, nodes, accelerators, resources, each row with its source",
		Long: `Print a table of the catalogue: prices (default), nodes, accelerators or resources; with WORD only rows that contain it.
Every row says how it is known (D documented, M measured, C computed, R recalled, E estimated, U yours) and where from.
An empty cell is not known. --sheet puts a CSV file of your own over it, as prices.file of a scenario does.`,
		Example: "  orrery catalog prices gn7e\n  orrery catalog prices --sheet prices.csv --currency USD",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 3 {
				return nil
			}
			return exactArgs(2, "a table and a word, or less")(cmd, args)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := loadCatalog(sheets, currency)
			if err != nil {
				return err
			}
			table, word := "prices", ""
			if len(args) > 0 {
				table = args[0]
			}
			if len(args) > 1 {
				word = args[1]
			}
			head, rows := catalogRows(c, table)
			if head == nil {
				return usageError{fmt.Errorf("orrery catalog %s: no such table\n  tables: %s%s", table, strings.Join(catalogTables, ", "), near(table, catalogTables))}
			}
			fmt.Fprintf(m.Out, "checked %s\n\n", catalog.Checked)
			n, err := printRows(m.Out, head, rows, word)
			if err == nil && n == 0 {
				return usageError{fmt.Errorf("orrery catalog %s %s: no row contains %q\n  orrery catalog %s lists all", table, word, word, table)}
			}
			return err
		}}
	cmd.Flags().StringArrayVar(&sheets, "sheet", nil, "a CSV file of your own over the catalogue; may be repeated")
	cmd.Flags().StringVar(&currency, "currency", "", "currency of a price sheet that has no such column")
	return cmd
}

func loadCatalog(sheets []string, currency string) (*catalog.Catalog, error) {
	c, err := catalog.Default()
	if err != nil {
		return nil, err
	}
	for _, file := range sheets {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if c, err = c.With(catalog.Sheet{File: file, Data: data, Currency: currency}); err != nil {
			return nil, usageError{err}
		}
	}
	return c, nil
}

// catalogRows are the head and the rows of a table, nil for none of that name.
func catalogRows(c *catalog.Catalog, table string) (head []string, rows [][]string) {
	add := func(o catalog.Origin, cells ...string) {
		rows = append(rows, append(cells, string(o.Tag), strings.TrimSpace(o.Source+" "+o.Note)))
	}
	known := func(o catalog.Origin, column, text string) string {
		if !o.Known(column) {
			return ""
		}
		return text
	}
	switch table {
	case "prices":
		head = []string{"NODE TYPE", "LIST", "CURRENCY", "ON DEMAND/H", "RESERVED/MONTH", "SPOT/H", "PURCHASE", "LIFE", "POWER", "VALID FROM"}
		for _, p := range c.Prices() {
			o := p.Origin
			add(o, p.NodeType, p.List, p.Currency, known(o, "on_demand_h", units.MoneyText(p.OnDemandHour)), known(o, "reserved_month", units.MoneyText(p.ReservedMonth)),
				known(o, "spot_h", units.MoneyText(p.SpotHour)), known(o, "purchase", units.MoneyText(p.Purchase)),
				known(o, "life_months", fmt.Sprintf("%d months", p.LifeMonths)), known(o, "power_kw", fmt.Sprintf("%g kW", float64(p.PowerW)/1000)), p.ValidFrom)
		}
	case "nodes":
		head = []string{"NODE TYPE", "GPU", "GPUS", "CPUS", "MEMORY", "RDMA"}
		for _, n := range c.Nodes() {
			o := n.Origin
			add(o, n.Name, n.GPU, known(o, "gpus", fmt.Sprint(n.GPUs)), known(o, "cpus", fmt.Sprint(n.CPUs)), known(o, "memory", units.BytesText(n.Memory)),
				known(o, "rdma", fmt.Sprintf("%g Gb/s", float64(n.RDMA)*8/1e9)))
		}
	case "accelerators":
		head = []string{"GPU", "MEMORY", "PEAK TFLOPS", "MEMORY RATE", "NVLINK", "TDP", "IDLE", "SPEED"}
		for _, a := range c.Accelerators() {
			o := a.Origin
			speed := ""
			if a.SpeedMilli > 0 {
				speed = fmt.Sprintf("%g", float64(a.SpeedMilli)/1000)
			}
			add(o, a.Name, known(o, "memory", fmt.Sprintf("%g GB", float64(a.Memory)/1e9)), known(o, "peak_tflops", fmt.Sprintf("%g", float64(a.PeakFLOPS)/1e12)),
				known(o, "memory_rate", fmt.Sprintf("%g GB/s", float64(a.MemoryRate)/1e9)), known(o, "nvlink", fmt.Sprintf("%g GB/s", float64(a.NVLink)/1e9)),
				known(o, "tdp_w", fmt.Sprintf("%d W", a.TDP)), known(o, "idle_w", fmt.Sprintf("%d W", a.Idle)), speed)
		}
	case "resources":
		head = []string{"RESOURCE", "KIND", "GPU"}
		for _, r := range c.Resources() {
			add(r.Origin, r.Name, r.Kind, r.GPU)
		}
	default:
		return nil, nil
	}
	return append(head, "TAG", "SOURCE"), rows
}

// printRows prints the rows that contain a word, in any case, and says how many.
func printRows(w io.Writer, head []string, rows [][]string, word string) (n int, err error) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(head, "\t"))
	for _, row := range rows {
		line := strings.Join(row, "\t")
		if !strings.Contains(strings.ToLower(line), strings.ToLower(word)) {
			continue
		}
		n++
		fmt.Fprintln(t, plain(strings.ReplaceAll(line, "\n", " ")))
	}
	return n, t.Flush()
}
