package reports

// Report is what a reader gets, top to bottom: the answer, then what stands behind it. All text in it is clean.
type Report struct {
	Title    string
	Subtitle string   // what was run: policy, cluster, load, seed
	Verdict  string   // the answer in a sentence or two
	Headline []Figure // about five
	Warnings []string // what a reader must know before believing a figure: a partial run, unfinished jobs
	Sections []Section
	Foot     string // tool and digest, one line
}

// Figure is one headline figure.
type Figure struct {
	Label    string
	Quantity Quantity
	Of       string // what the figure is part of or must be read with: "of 100,000 jobs", "p99 9.8 h"
}

// Section is one finding with its anchor. ID is made of a-z and '-' and never of text from outside.
type Section struct {
	ID, Title, Lead string
	Blocks          []Block
}

// Block is one piece of a section: exactly one field is set.
type Block struct {
	Chart *Chart
	Table *Table
	Note  string
	Code  *Code
}

// Code is text to copy: a command, a scenario. Fold hides long text until it is asked for.
type Code struct {
	Label, Text string
	Fold        bool
}

// Charts returns all charts of the report in order.
func (r *Report) Charts() []*Chart {
	var all []*Chart
	for i := range r.Sections {
		for _, b := range r.Sections[i].Blocks {
			if b.Chart != nil {
				all = append(all, b.Chart)
			}
		}
	}
	return all
}
