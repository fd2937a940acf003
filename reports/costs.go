package reports

import (
	"fmt"
	"slices"
)

// Books are what a run cost, in one currency.
type Books struct {
	Currency string // ISO 4217
	Total    float64
	Pools    []PoolBooks
	Queues   []Payer // most first
	Users    []Payer
	Prices   []ListPrice
}

// ListPrice is a row of a price list that counted.
type ListPrice struct {
	NodeType, Pay, List, ValidFrom, Source string
	AnHour                                 float64 // of a node
}

// PoolBooks is what one pool cost: what jobs paid, and what nobody did.
type PoolBooks struct {
	Name                       string
	Jobs, Free, Down, Rounding float64
}

func (p *PoolBooks) total() float64 { return p.Jobs + p.Free + p.Down + p.Rounding }

// Payer is what the jobs of a queue or user paid.
type Payer struct {
	Name   string
	Amount float64
}

func (v *runView) costs() Section {
	s := Section{ID: "cost", Title: "What it cost"}
	if v.Books != nil {
		s.Blocks = append(s.Blocks, Block{Chart: v.costBars()})
		for _, t := range []*Table{payerTable("queue", v.Books, v.Books.Queues), payerTable("user", v.Books, v.Books.Users)} {
			if t != nil {
				s.Blocks = append(s.Blocks, Block{Table: t})
			}
		}
		s.Blocks = append(s.Blocks, Block{Table: priceTable(v.Books)})
	}
	if len(v.Costs) == 0 {
		return s
	}
	t := &Table{ID: "costs", Caption: "Cost and use", Columns: []Column{{"figure", "figure", Text}, {"amount", "amount", Text}, {"about", "about", Text}}}
	for _, c := range v.Costs {
		cell := Word(c.Quantity.Human())
		cell.Title = c.Quantity.Exact()
		t.Rows = append(t.Rows, []Cell{Word(Name(c.Name)), cell, Word(Clean(c.Note, 200))})
	}
	s.Blocks = append(s.Blocks, Block{Table: t})
	return s
}

// mostPools bounds the bars of pools; the others are one.
const mostPools = 12

// costBars are the bars of what each pool cost.
func (v *runView) costBars() *Chart {
	unit, all := Currency(v.Books.Currency), PoolBooks{Name: "all pools"}
	for _, p := range v.Books.Pools {
		all.Jobs, all.Free, all.Down, all.Rounding = all.Jobs+p.Jobs, all.Free+p.Free, all.Down+p.Down, all.Rounding+p.Rounding
	}
	rows := []PoolBooks{all}
	if pools := slices.Clone(v.Books.Pools); len(pools) > 1 {
		slices.SortStableFunc(pools, func(a, b PoolBooks) int { return int(min(max(b.total()-a.total(), -1), 1)) })
		if len(pools) > mostPools {
			rest := PoolBooks{Name: fmt.Sprintf("%d other pools", len(pools)-mostPools+1)}
			for _, p := range pools[mostPools-1:] {
				rest.Jobs, rest.Free, rest.Down, rest.Rounding = rest.Jobs+p.Jobs, rest.Free+p.Free, rest.Down+p.Down, rest.Rounding+p.Rounding
			}
			pools = append(pools[:mostPools-1], rest)
		}
		rows = append(rows, pools...)
	}
	stack := &Stack{X: Axis{"cost, " + Clean(v.Books.Currency, 3), unit}}
	parts := []Layer{{Name: "jobs", Color: Blue}, {Name: "free", Color: Free}, {Name: "down", Color: Black}, {Name: "rounding up", Color: Grey}}
	for _, p := range rows {
		stack.Rows = append(stack.Rows, Name(p.Name))
		for i, amount := range []float64{p.Jobs, p.Free, p.Down, p.Rounding} {
			parts[i].Values = append(parts[i].Values, amount)
		}
	}
	for _, p := range parts {
		if p.Values[0] > 0 {
			stack.Parts = append(stack.Parts, p)
		}
	}
	title := "It cost nothing"
	if sum := all.total(); sum > 0 {
		title = fmt.Sprintf("%s of %s was paid for GPUs that nobody held", amount((sum-all.Jobs)/sum, Share), amount(sum, unit))
	}
	return &Chart{ID: "cost-bars", Title: title, Subtitle: "Cost of the nodes by pool: what jobs held, and what was free, down, or rounded up to whole billing units",
		Behind: plural(len(v.Books.Pools), "pool"), Plot: stack}
}

// priceTable lists the prices that counted, each with its source.
func priceTable(b *Books) *Table {
	unit := Currency(b.Currency)
	t := &Table{ID: "prices", Caption: "Prices", Columns: []Column{{"node type", "node_type", Text}, {"paid", "pay", Text},
		{"an hour, " + Clean(b.Currency, 3), joinKey("an_hour", unit.Key()), unit}, {"list", "list", Text}, {"valid from", "valid_from", Text}, {"source", "source", Text}}}
	for _, p := range b.Prices {
		t.Rows = append(t.Rows, []Cell{Word(Name(p.NodeType)), Word(Clean(p.Pay, 40)), Number(p.AnHour, unit), Word(Clean(p.List, 80)), Word(Clean(p.ValidFrom, 40)),
			Word(Clean(p.Source, 200))})
	}
	return t
}

// payerTable lists who paid, nil where nobody is named.
func payerTable(what string, b *Books, list []Payer) *Table {
	if len(list) == 0 || len(list) == 1 && list[0].Name == "" {
		return nil
	}
	unit := Currency(b.Currency)
	t := &Table{ID: "cost-by-" + what, Caption: "Cost by " + what, Columns: []Column{{what, what, Text}, {"paid, " + Clean(b.Currency, 3), joinKey("paid", unit.Key()), unit},
		{"share of all cost", "share", Share}}}
	rows := list
	if len(list) > tableRows {
		rest := Payer{Name: fmt.Sprintf("%d other %ss", len(list)-tableRows+1, what)}
		for _, p := range list[tableRows-1:] {
			rest.Amount += p.Amount
		}
		rows = append(slices.Clone(list[:tableRows-1]), rest)
		t.Behind = fmt.Sprintf("%d of %s who paid most; the rest is one row", tableRows-1, plural(len(list), what))
	}
	for _, p := range rows {
		name := p.Name
		if name == "" {
			name = "(none)"
		}
		t.Rows = append(t.Rows, []Cell{Word(Name(name)), Number(p.Amount, unit), Number(p.Amount/b.Total, Share)})
	}
	return t
}
