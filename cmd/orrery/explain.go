package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

func (m Main) explainCommand() *cobra.Command {
	var base, at string
	var asJSON bool
	cmd := &cobra.Command{Use: "explain RUN JOB", Short: "Tell a job's life: why it waited, who was ahead, who preempted whom",
		Long: "Runs the run's scenario again and tells what happened to one job, by its name or as #NUMBER. With --at T it asks another question: if the " +
			"job were submitted at T, when would it start, and what is in the way?",
		Args: exactArgs(2, "a run folder and a job"),
		RunE: func(cmd *cobra.Command, args []string) error {
			q := run.Question{Job: args[1], At: state.Unset}
			if at != "" {
				ns, err := units.ParseDuration(at)
				if err != nil || ns < 0 {
					return usageError{fmt.Errorf("--at %s: no instant\n  found that; expected a time from the start of the run, such as 12h or 2d", at)}
				}
				q.At = state.Time(ns)
			}
			life, err := run.Explain(cmd.Context(), args[0], base, q, world.OpenReplay)
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(m.Out)
				enc.SetIndent("", "  ")
				return enc.Encode(life)
			}
			m.tell(life)
			return nil
		}}
	cmd.Flags().StringVar(&at, "at", "", "submit a copy of the job at this instant, and follow it to its start")
	cmd.Flags().StringVar(&base, "inputs", "", "folder at which relative paths of the scenario start (default: where it was)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the chapters as JSON; times are nanoseconds")
	return cmd
}

// tell prints a life as a story in time order.
func (m Main) tell(l *run.Life) {
	who := []string{gpus(l.GPUs)}
	for _, x := range []struct{ what, name string }{{"queue", l.Queue}, {"user", l.User}, {"partition", l.Partition}} {
		if x.name != "" {
			who = append(who, x.what+" "+plain(x.name))
		}
	}
	if l.Priority != 0 {
		who = append(who, fmt.Sprintf("priority %d", l.Priority))
	}
	name := fmt.Sprintf("job %s (#%d)", plain(l.Job.Name), l.Job.Number)
	if l.Asked {
		name = fmt.Sprintf("a copy of job %s, submitted at %s", plain(l.Job.Name), clock(l.Submit))
	}
	fmt.Fprintf(m.Out, "%s   %s   estimate %s\n\n", name, strings.Join(who, ", "), span(l.Estimate))
	for i := range l.Chapters {
		c := &l.Chapters[i]
		fmt.Fprintf(m.Out, "%14s   %s\n", clock(c.From), chapter(c))
	}
	fmt.Fprintf(m.Out, "\n%s\n", moral(l))
}

// clock is an instant as days and the time of day.
func clock(t state.Time) string {
	if t < 0 {
		return "-" + clock(-t)
	}
	s := int64(t / state.Second)
	text := fmt.Sprintf("%02d:%02d:%02d", s/3600%24, s/60%60, s%60)
	if ns := int64(t % state.Second); ns != 0 {
		text += strings.TrimRight(fmt.Sprintf(".%09d", ns), "0")
	}
	if d := s / 86400; d > 0 {
		text = fmt.Sprintf("%dd %s", d, text)
	}
	return text
}

func gpus(n int64) string {
	if n == 1 {
		return "1 GPU"
	}
	return fmt.Sprintf("%d GPUs", n)
}

func span(t state.Time) string { return units.FormatDuration(int64(t)) }

func person(p *run.Person) string {
	if p.Name == "" {
		return fmt.Sprintf("job #%d", p.Number)
	}
	return fmt.Sprintf("job %s (#%d)", plain(p.Name), p.Number)
}

// chapter is one line of the story.
func chapter(c *run.Chapter) string {
	switch c.Kind {
	case run.ChapterSubmitted:
		return "submitted"
	case run.ChapterWaits:
		return fmt.Sprintf("waits %s: %s", span(c.To-c.From), reason(c))
	case run.ChapterStarts:
		return fmt.Sprintf("starts on %s", nodesText(c.Nodes))
	case run.ChapterStops:
		if c.Preempted {
			return fmt.Sprintf("is told to leave: stands still for a grace of %s", span(c.To-c.From))
		}
		return fmt.Sprintf("is stopped: stands still until %s", clock(c.To))
	case run.ChapterTakes:
		return fmt.Sprintf("%s loses its GPUs to it (%s)", person(c.Other), c.Preempt)
	case run.ChapterEvicted:
		text := "loses its GPUs: " + c.Reason
		if c.Preempt != "" {
			text = "is preempted (" + c.Preempt + ")"
			if c.Other != nil {
				text = "is preempted for " + person(c.Other) + " (" + c.Preempt + ")"
			}
		}
		return text + " after " + span(c.Ran) + spent(c) + "; " + span(c.Lost) + " of work lost"
	}
	text := fmt.Sprintf("%s (%s)", c.Outcome, c.Reason)
	if c.Ran > 0 {
		text += " after " + span(c.Ran)
	}
	return text + spent(c)
}

// spent is what of an attempt was no work.
func spent(c *run.Chapter) string {
	var words []string
	if c.Overhead > 0 {
		words = append(words, span(c.Overhead)+" of restoring and checkpoints")
	}
	if c.Idle > 0 {
		words = append(words, span(c.Idle)+" of standing still")
	}
	if len(words) == 0 {
		return ""
	}
	return ", with " + strings.Join(words, " and ")
}

// reason is why it waits, with the figures.
func reason(c *run.Chapter) string {
	free := fmt.Sprintf("%d", c.Least)
	if c.Most != c.Least {
		free = fmt.Sprintf("%d to %d", c.Least, c.Most)
	}
	w := &c.Why
	switch w.Cause {
	case state.CauseHeld:
		if w.Wake != state.Never {
			return "held until " + clock(w.Wake) + " (back-off)"
		}
		return "held: it waits for another job, or for an instant"
	case state.CauseNever:
		return "no state of the cluster can hold it"
	case state.CauseQuota:
		text := "quota (" + w.Level.String() + ")"
		if w.Queue != "" {
			text += " of queue " + plain(w.Queue)
		}
		if w.Resource != "" {
			text += fmt.Sprintf(": %s of %s %s used", amount(w.Used), amount(w.Limit), plain(w.Resource))
		}
		return text
	case state.CauseCapacity:
		return fmt.Sprintf("no capacity: it needs %s, free are %s", gpus(w.Need), free)
	case state.CauseFragmented:
		return fmt.Sprintf("fragmented: it needs %s, free are %s, but not as they are to lie", gpus(w.Need), free)
	case state.CauseTopology:
		return fmt.Sprintf("topology: it needs %s, free are %s, but not within the domain that it asks for", gpus(w.Need), free)
	}
	text := map[state.Cause]string{state.CauseReservation: "it would fit, but would delay or meet a reservation", state.CauseOrder: "it would fit, but others are ahead",
		state.CauseChoice: "it would fit; the policy chose so"}[w.Cause]
	if text == "" {
		text = w.Cause.String()
	}
	if len(c.Ahead) > 0 {
		var names []string
		for i := range c.Ahead[:min(len(c.Ahead), 3)] {
			names = append(names, person(&c.Ahead[i]))
		}
		text += ": " + strings.Join(names, ", then ")
		if n := len(c.Ahead) - 3; n > 0 {
			text += fmt.Sprintf(", and %d more", n)
		}
	}
	return text
}

// amount is thousandths as a number.
func amount(milli int64) string { return units.FormatNumber(float64(milli) / 1000) }

func nodesText(nodes []string) string {
	switch n := len(nodes); {
	case n == 0:
		return "no node"
	case n == 1:
		return "node " + plain(nodes[0])
	case n <= 4:
		return fmt.Sprintf("%d nodes: %s", n, plain(strings.Join(nodes, ", ")))
	}
	return fmt.Sprintf("%d nodes: %s .. %s", len(nodes), plain(nodes[0]), plain(nodes[len(nodes)-1]))
}

// moral sums the story up in one sentence.
func moral(l *run.Life) string {
	var waited, lost state.Time
	starts, preempted, taken := 0, 0, 0
	first := state.Unset
	by := map[state.Cause]state.Time{}
	for i := range l.Chapters {
		c := &l.Chapters[i]
		switch c.Kind {
		case run.ChapterWaits:
			waited += c.To - c.From
			by[c.Why.Cause] += c.To - c.From
		case run.ChapterStarts:
			if starts++; first == state.Unset {
				first = c.From
			}
		case run.ChapterEvicted:
			preempted++
			lost += c.Lost
		case run.ChapterTakes:
			taken++
		}
	}
	main, most := "", state.Time(0)
	for c := state.Cause(0); int(c) < state.NumCauses; c++ {
		if by[c] > most {
			main, most = causeWords[c], by[c]
		}
	}
	why := ""
	if waited > 0 {
		why = fmt.Sprintf(", mostly for: %s (%s)", main, units.FormatPercent(float64(most)/float64(waited)))
	}
	switch {
	case l.Asked && first == state.Unset:
		return fmt.Sprintf("It would not have started by %s, when the run ends: it would wait %s%s.", clock(l.Until), span(waited), why)
	case l.Asked && waited == 0 && taken == 1:
		return "It would start at once, on GPUs that another job loses to it."
	case l.Asked && waited == 0 && taken > 1:
		return fmt.Sprintf("It would start at once, on GPUs that %d other jobs lose to it.", taken)
	case l.Asked && waited == 0:
		return "It would start at once: nothing is in the way."
	case l.Asked:
		return fmt.Sprintf("It would start at %s, after %s%s.", clock(first), span(waited), why)
	case starts == 0:
		return fmt.Sprintf("It never started; it waited %s%s.", span(waited), why)
	}
	text := fmt.Sprintf("It waited %s%s", span(waited), why)
	if waited == 0 {
		text = "It did not wait"
	}
	if preempted > 0 {
		text += fmt.Sprintf(", lost its GPUs %s and %s of work", times(preempted), span(lost))
	}
	return text + "."
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}
