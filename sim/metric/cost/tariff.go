package cost

import "github.com/orrery-sim/orrery/sim/state"

// Pay is what makes a node cost something.
type Pay uint8

// The ways to pay.
const (
	Rented Pay = iota // while it works: on demand, spot
	Held              // while it exists: reserved, owned
	ByUse             // what jobs hold, while they hold it
)

// Hour and Month are the spans that prices are given for; a month has 730 hours (FACTS.md 7).
const (
	Hour  = 3600 * state.Second
	Month = 730 * Hour
)

// Price is an amount for a span of time.
type Price struct {
	Micro int64      // millionths of the currency
	Per   state.Time // more than 0, at most 10 h
}

// PerHour is a price by the hour.
func PerHour(micro int64) Price { return Price{micro, Hour} }

// PerMonth is a price by the month, to the nearest ten-thousandth of the currency: a finer one could not be shared out
// among the thousandths of 64 GPUs in 63 bits.
func PerMonth(micro int64) Price { return Price{(micro + 50) / 100, Month / 100} }

// Tariff is how a node is paid for.
type Tariff struct {
	Price Price
	Pay   Pay
	Spot  bool       // Price follows its pool's market (EvPrice)
	List  Price      // what it would cost on demand, for the savings; zero: not known
	Bill  state.Time // whole units of this are billed; 0 or 1: to the nanosecond
}

// up is a stretch rounded up to whole units.
func (t *Tariff) up(stretch state.Time) state.Time {
	if t.Bill <= 1 || stretch%t.Bill == 0 {
		return stretch
	}
	return (stretch/t.Bill + 1) * t.Bill
}
