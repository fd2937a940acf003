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
	for _, slot := range []Slot{SlotOrder, SlotBackfill, SlotPlace, SlotPreempt, SlotPreset} {
		fmt.Fprintf(&b, "\n## %s\n\n| name | rule | source |\n| --- | --- | --- |\n", title(slot))
		for _, e := range Entries() {
			if e.Slot != slot {
				continue
			}
			rule := e.Rule
			for _, p := range e.Params {
				if rule += fmt.Sprintf("; parameter `%s`: %s", p.Name, p.Rule); !p.File {
					rule += fmt.Sprintf(" (%d to %d, default %d)", p.Min, p.Max, p.Default)
				}
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
	b.WriteString(guestsText)
	return b.String()
}

// guestsText is the page's part about WebAssembly modules.
const guestsText = `
## Your own: WebAssembly modules

A slot can be a module, written in any language that compiles to WebAssembly ([docs/abi.md](abi.md)):

    policy: {order: fifo, backfill: easy, place: {wasm: my-policy/my-policy.wasm}}
    policy: {scheduler: {wasm: my-scheduler.wasm, params: {depth: 100}, onError: fallback}}

| key | meaning |
| --- | --- |
| ` + "`wasm`" + ` | the module's path, relative to the scenario file. ` + "`order`" + ` wants sched1_keys, ` + "`place`" + ` sched1_score, ` + "`scheduler`" + ` (one part that decides everything) sched1_decide |
| ` + "`params`" + ` | what the module is given, as JSON and by name |
| ` + "`budget`" + ` | ` + "`{base, perItem, perEvent, perRow, burst, memory}`" + `: fuel, of which one unit is about one instruction. A call adds base + perItem x what it is asked about + perEvent x the events it is told of + perRow x rows of the tables it wants; what is not used is saved up to burst |
| ` + "`onError`" + ` | when a call fails: ` + "`fail`" + ` ends the run (default); ` + "`fallback`" + ` lets fifo (order), first-fit (place) or both without backfill (scheduler) stand in to the end; ` + "`drop`" + ` starts a new instance that knows nothing (its calls are counted anew), three times. The report says so |

On the command line: ` + "`--policy fifo+easy+my-policy.wasm`" + `, or ` + "`--policy my-scheduler.wasm`" + `: a module alone goes to the slots that its hooks fit, with fifo, none
and first-fit in the others.

    orrery policy init my-policy --lang c          # a folder that works: c, rust, go, assemblyscript, zig or wat
    my-policy/build.sh                             # makes my-policy/my-policy.wasm
    orrery policy check my-policy/my-policy.wasm   # pass or fail per rule of the ABI, and why; fuel per event
    orrery policy bench native:best-fit my-policy/my-policy.wasm
    orrery policy diff native:best-fit my-policy/my-policy.wasm scenario.yaml    # the first decision that differs, and the state both saw
    orrery run scenario.yaml --policy fifo+easy+my-policy/my-policy.wasm

A module is a stranger: it reaches nothing but its own memory, has fuel and not time, and gets the same answers in every run. run.json
keeps its checksum, its calls and the fuel they used; ` + "`orrery verify`" + ` tells a module that changed. Compiled code is kept in the user's cache
folder, or in $ORRERY_CACHE, a folder that only you may read and write (it is machine code); where that is empty nothing is kept.

Guests of fcfs, easy, las and best-fit that decide exactly as the native parts stand, with sources, in policies/sdk/examples.
` + "`best-fit-scan`" + ` is the native twin of the best-fit guests.
`

func title(s Slot) string {
	return map[Slot]string{SlotOrder: "Orders: who is next", SlotBackfill: "Backfills: who may pass a blocked head",
		SlotPlace: "Placements: which GPUs", SlotPreempt: "Preemptions: who must yield", SlotPreset: "Presets: whole policies"}[s]
}
