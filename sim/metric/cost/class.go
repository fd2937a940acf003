package cost

import "github.com/orrery-sim/orrery/sim/state"

// class is nodes of one pool, price and size. Time is measured in what a whole node has cost so far (its meter), so that a
// change of price touches the class once and no job.
type class struct {
	tariff int32
	pool   uint32
	basis  int64 // what a node is shared out in: thousandths of its GPUs, or of its CPUs
	cpus   int64 // without GPUs: the thousandths of a CPU in one share; 0: it is shared out by GPUs
	den    int64 // basis x Price.Per: what makes a share of the meter millionths

	micro int64      // of the price in force
	at    state.Time // where the meter stands
	meter state.Wide // micro x ns since the warm-up

	paid, held, down amount // shares that cost something, that jobs hold, that are down and cost something
	rest             int64  // what amounts so far left over, below den
	sum              Sum

	list      Price
	listMeter state.Wide // of the list price, where there is one
	listed    amount     // shares that cost something, over it
}

// pay counts shares that cost something from now on, or no more.
func (c *class) pay(d int64) {
	c.paid.add(d, c.meter)
	c.listed.add(d, c.listMeter)
}

// onDemand is what the shares that cost something would have cost by the list, rounded down.
func (c *class) onDemand() int64 {
	if c.list.Per == 0 {
		return 0
	}
	area := c.listed.area(c.listMeter)
	micro, _ := area.DivMod(c.basis * int64(c.list.Per))
	return micro
}

// mostShares bounds what a node is shared out in, so that shares x Price.Per fit 63 bits.
const mostShares = 200_000

// amount is a number of shares over the meter: its area is now x meter - moment.
type amount struct {
	now    int64
	moment state.Wide
}

func (a *amount) add(d int64, meter state.Wide) {
	a.now += d
	if d >= 0 {
		a.moment.AddWide(meter.Times(d))
		return
	}
	a.moment.Sub(meter.Times(-d))
}

func (a *amount) area(meter state.Wide) state.Wide {
	w := meter.Times(a.now)
	w.Sub(a.moment)
	return w
}

// advance moves the meter on to t.
func (c *class) advance(t state.Time) {
	if t > c.at {
		c.meter.AddMul(c.micro, int64(t-c.at))
		c.listMeter.AddMul(c.list.Micro, int64(t-c.at))
		c.at = t
	}
}

// charge turns an area of the meter into millionths; what is left over goes with the next amount.
func (c *class) charge(area state.Wide) int64 {
	area.Add(c.rest)
	var micro int64
	micro, c.rest = area.DivMod(c.den)
	return micro
}

// idle charges what no job has paid, up to the meter. It is called once, at the end, on a copy.
func (c *class) idle() {
	down := c.down.area(c.meter)
	free := c.paid.area(c.meter)
	free.Sub(c.held.area(c.meter))
	free.Sub(down)
	c.sum.Down += c.charge(down)
	c.sum.Free += c.charge(free)
}

// over is what a node costs for the rest of the billing unit in which a stretch ends, at the price in force: an area of the meter.
func (c *class) over(t *Tariff, stretch state.Time) state.Wide {
	var w state.Wide
	w.AddMul(c.micro, int64(t.up(stretch)-stretch))
	return w
}
