package policies

import (
	"fmt"
	"strings"
)

// Markdown is docs/policies.md: every entry of the registry with its rule and source.
func Markdown() string {
	var b strings.Builder
	b.WriteString("# Policies\n\nA policy is built from parts, or taken whole by name (a preset):\n\n" +
		"    policy: {order: sjf, backfill: {name: conservative, params: {depth: 100}}, place: best-fit}\n" +
		"    policy: {preset: tiresias-fifo, place: yarn}\n\n" +
		"On the command line `--policy sjf+conservative+best-fit` or `--policy tiresias-fifo+yarn`. A pass starts jobs from the head of the\n" +
		"queue while they fit; behind a head that does not fit the backfill decides. Policies see estimates, never recorded durations,\n" +
		"unless the table says so.\n\n" +
		"## FCFS and EASY, exactly\n\n" +
		"At one instant all ends come first, then all arrivals, then one pass. FCFS (`fifo` without backfill) is strict: the head blocks.\n" +
		"EASY gives the blocked head a reservation at the shadow time, the earliest instant at which enough GPUs are free if running jobs\n" +
		"end at start + estimate, counting every job that ends at that instant; extra is what is free then beyond the head's need. Behind it,\n" +
		"in queue order and in one sweep, a job starts if it fits now and either ends by the shadow time or needs at most what is left of\n" +
		"extra, which it then uses up. A job past its estimate is expected to end at start + the smallest power of two times its estimate that\n" +
		"lies ahead. Zero-length jobs end in the next round of the same instant. A job that no cluster state can hold is set aside: it blocks\n" +
		"nobody. Where jobs ask for more than any free GPUs (pods of several GPUs, types, fractions, CPU, memory), the reservation is the\n" +
		"placement that the `place` part chooses on the state at the shadow time, and a job that would run past it may only use what that\n" +
		"leaves.\n")
	for _, slot := range []Slot{SlotOrder, SlotBackfill, SlotPlace, SlotPreset} {
		fmt.Fprintf(&b, "\n## %s\n\n| name | rule | source |\n| --- | --- | --- |\n", title(slot))
		for _, e := range Entries() {
			if e.Slot != slot {
				continue
			}
			rule := e.Rule
			for _, p := range e.Params {
				rule += fmt.Sprintf("; parameter `%s`: %s (%d to %d, default %d)", p.Name, p.Rule, p.Min, p.Max, p.Default)
			}
			if len(e.Places) > 0 {
				rule += "; `place: " + strings.Join(e.Places, "` or `") + "`"
			}
			if e.Clairvoyant {
				rule += "; **uses true durations**"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.Name, rule, e.Source)
		}
	}
	b.WriteString("\nUnless a placement says otherwise, whole GPUs are the lowest-index free devices of a node, and a fraction takes the fullest device that\n" +
		"fits, the lowest index among equals. A job that may be split takes, under best-fit, from the nodes with the fewest free GPUs first;\n" +
		"under consolidate the fullest node that holds all that is left, else the emptiest node whole, and so on.\n")
	return b.String()
}

func title(s Slot) string {
	return map[Slot]string{SlotOrder: "Orders: who is next", SlotBackfill: "Backfills: who may pass a blocked head",
		SlotPlace: "Placements: which GPUs", SlotPreset: "Presets: whole policies"}[s]
}
