package market

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Market is where the nodes of one pool come from.
type Market struct {
	Name    string // keys its streams
	Pool    uint32
	Nodes   []int32
	Prices  []Point  // recorded prices of a node an hour in millionths, in order of time; the last one stays
	Drawn   *Process // or drawn ones; nil and no Prices: prices are not modelled
	Bid     int64    // nodes are there while the price is at most this; 0: whatever the price
	Stock   []Point  // recorded nodes that are to be had, in order of time; the last one stays
	Renewal *Renewal // or drawn ones; nil and no Stock: all are

	Notice  state.Time // between the word that a node is taken and its end
	Protect state.Time // a node is not taken before it has been there so long
}

// Point is a value from an instant on.
type Point struct {
	At    state.Time
	Value int64
}

// Process is a mean-reverting price with jumps: the logarithm of price / OnDemand is an Ornstein-Uhlenbeck process around
// log(Mean) with deviation Sigma, which forgets half of a distance in HalfLife; on top of it jumps come JumpsPerDay, of a
// lognormal factor, and die away by half in JumpHalfLife. The price is kept within Low and 1 times OnDemand. It changes every Step.
type Process struct {
	OnDemand              int64 // millionths an hour
	Mean, Sigma           float64
	HalfLife, Step        state.Time
	JumpsPerDay           float64
	JumpMedian, JumpSigma float64 // factor
	JumpHalfLife          state.Time
	Low                   float64
}

// Renewal is stock that comes and goes: there for a draw of Run, away for a draw of Gap, in s.
type Renewal struct {
	Run, Gap rng.Dist
	EachNode bool // every node for itself; else all of the market together, as in a zone
}

// Model is all markets.
type Model struct {
	Seed    uint64
	Markets []Market
}

// Validate says what cannot be simulated.
func (m *Model) Validate() error {
	for i := range m.Markets {
		k := &m.Markets[i]
		for _, list := range [][]Point{k.Prices, k.Stock} {
			for j, p := range list {
				if p.Value < 0 || p.At < 0 || j > 0 && p.At <= list[j-1].At {
					return fmt.Errorf("market %q: point %d is %d from %d ns on (want rising instants and no negative value)", k.Name, j+1, p.Value, p.At)
				}
			}
		}
		if p := k.Drawn; p != nil && !(p.OnDemand > 0 && p.Mean > 0 && p.Sigma >= 0 && p.HalfLife > 0 && p.Step > 0 && p.JumpsPerDay >= 0 && p.JumpMedian > 0 &&
			p.JumpSigma >= 0 && p.JumpHalfLife > 0 && p.Low >= 0 && p.Low <= 1) {
			return fmt.Errorf("market %q: a price cannot be drawn from %+v", k.Name, *p)
		}
		if r := k.Renewal; r != nil {
			if err := r.Run.Validate(); err != nil {
				return fmt.Errorf("market %q: run: %w", k.Name, err)
			}
			if err := r.Gap.Validate(); err != nil {
				return fmt.Errorf("market %q: gap: %w", k.Name, err)
			}
		}
		if k.Notice < 0 || k.Protect < 0 || k.Bid < 0 {
			return fmt.Errorf("market %q: a notice of %d ns, a protection of %d ns, a bid of %d (none may be negative)", k.Name, k.Notice, k.Protect, k.Bid)
		}
	}
	return nil
}

// walk is a drawn price on its way.
type walk struct {
	x, jump float64 // logarithms: of the mean-reverting part, of the jumps
	step    uint64
}

// next draws the price after one more step, in millionths an hour, rounded to a ten-thousandth of the currency.
func (w *walk) next(p *Process, key rng.Key, market uint64) int64 {
	s := key.Stream(market, w.step)
	z, u, size := rng.NormalQuantile(s.Float64()), s.Float64(), rng.NormalQuantile(s.Float64())
	mean := rng.Log(p.Mean)
	if w.step == 0 { // it has been going for ever
		w.x = mean + float64(p.Sigma*z)
	} else {
		keep := half(p.Step, p.HalfLife)
		w.x = mean + float64((w.x-mean)*keep) + float64(float64(p.Sigma*rng.Pow(1-float64(keep*keep), 0.5))*z)
		w.jump = float64(w.jump * half(p.Step, p.JumpHalfLife))
		if u < 1-rng.Exp(-float64(p.JumpsPerDay*(float64(p.Step)/86400e9))) {
			w.jump += rng.Log(p.JumpMedian) + float64(p.JumpSigma*size)
		}
	}
	w.step++
	factor := min(max(rng.Exp(w.x+w.jump), p.Low), 1)
	return int64(float64(float64(p.OnDemand)*factor)/100+0.5) * 100
}

// half is 2^(-t/life).
func half(t, life state.Time) float64 { return rng.Pow(2, -float64(t)/float64(life)) }
