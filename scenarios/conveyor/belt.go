package conveyor

import "github.com/orrery-sim/orrery/sim"

// Belt is a sim.Conveyor: deliveries run one after the other on one goroutine. It is for one engine.
type Belt struct {
	next chan func() // unbuffered: whoever has sent knows that the delivery before is over
	over chan struct{}
}

var _ sim.Conveyor = (*Belt)(nil)

// NewBelt starts a belt. Close must be called, after the engine's last call.
func NewBelt() *Belt {
	b := &Belt{next: make(chan func()), over: make(chan struct{})}
	go b.run()
	return b
}

func (b *Belt) run() {
	defer close(b.over)
	for deliver := range b.next {
		deliver()
	}
}

// Carry waits until the delivery before is over and has this one begin.
func (b *Belt) Carry(deliver func()) { b.next <- deliver }

// Settle returns when every delivery is over.
func (b *Belt) Settle() { b.next <- nothing }

func nothing() {}

// Close waits for the last delivery and ends the goroutine.
func (b *Belt) Close() {
	close(b.next)
	<-b.over
}
