package reports

// Cause is why a job waited: the first test that failed, in the order of the scheduler's tests.
type Cause uint8

// The ten causes. Every waiting second has exactly one.
const (
	Held Cause = iota
	NeverPlaceable
	Quota
	Price
	Capacity
	Fragmented
	Topology
	Reservation
	Order
	Choice
	Causes // how many there are
)

// Name is the cause in a few words.
func (c Cause) Name() string {
	return [...]string{
		"held", "never placeable", "quota", "price", "no free GPUs", "fragmented", "topology", "reservation",
		"behind another job", "policy's choice", "",
	}[min(c, Causes)]
}

// Key is the cause as a column name.
func (c Cause) Key() string {
	return [...]string{
		"held", "never_placeable", "quota", "price", "capacity", "fragmented", "topology", "reservation", "order", "choice", "",
	}[min(c, Causes)]
}

// Meaning says what the cause is, for whoever reads a report for the first time.
func (c Cause) Meaning() string {
	return [...]string{
		"waited for a job it depends on, a back-off or its not-before time",
		"asks for more than this cluster can ever hold",
		"its queue, a queue above it, its user or its strategy had no quota left",
		"the price of its GPUs was above its bid or there was no stock",
		"too few free GPUs of its types, or CPUs, or memory, in the whole cluster",
		"enough free in total, but not together on the nodes where its pods must fit",
		"would fit, but not within one domain as it asks",
		"would fit, but only on what is reserved for another job",
		"would fit, but a job ahead of it blocks the queue",
		"would fit, and the policy left it waiting",
		"",
	}[min(c, Causes)]
}

// Color is the cause's fixed colour. The palette has eight: held is grey, and the last is hatched.
func (c Cause) Color() Color {
	return [...]Color{Grey, Black, Green, Yellow, Blue, Orange, Vermillion, Purple, Sky, Hatched, Hatched}[min(c, Causes)]
}
