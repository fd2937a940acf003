package scenarios

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/scenarios/catalog"
	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/metric/energy"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// Energy says what machines draw, and what power costs.
type Energy struct {
	Tariff *Money             `yaml:"tariff" doc:"Price of a kWh, in the currency of prices: owned nodes pay for their power_kw, and the run's energy has a price."`
	PUE    Fixed              `yaml:"pue" default:"1.25" doc:"Power of the building for each watt of its machines."`
	Load   Fixed              `yaml:"load" default:"0.8" doc:"How busy a GPU is that works for a job, 0 to 1."`
	Base   *Watts             `yaml:"base" doc:"What a node draws without its GPUs. Default: 350W, and 1kW with GPUs of 700 W and more."`
	GPUs   ydec.Map[GPUPower] `yaml:"gpus" doc:"Power of GPU types, in place of the catalogue's (orrery catalog accelerators)."`
	Carbon *Carbon            `yaml:"carbon" doc:"Carbon of a kWh."`
	Cap    *Watts             `yaml:"cap" doc:"A limit of the building's power: the run says how long it was over it. It is not enforced."`
}

// GPUPower is what a GPU draws.
type GPUPower struct {
	TDP  Watts `yaml:"tdp,required" doc:"At full load."`
	Idle Watts `yaml:"idle,required" doc:"Free."`
}

// Carbon is the intensity of power.
type Carbon struct {
	PerKWh *Fixed `yaml:"perKWh,oneof=carbon" doc:"Grams of CO2 a kWh, always."`
	File   string `yaml:"file,oneof=carbon" doc:"A CSV with hour (0 to 23, in the scenario's time zone) and g_per_kwh: a day's curve."`
}

// Watts is power in milliwatts, written `350W`, `10.2kW`, `1MW`.
type Watts int64

// ParseYAML reads a power.
func (w *Watts) ParseYAML(text string) error {
	want := &ydec.ScalarError{Problem: "this is no power", Expected: "a number with W, kW or MW, such as 350W or 400kW"}
	for _, unit := range []struct {
		name string
		per  int64
	}{{"kW", 1_000_000}, {"MW", 1_000_000_000}, {"W", 1000}} {
		if number, ok := strings.CutSuffix(text, unit.name); ok {
			v, err := units.ParseFixed([]byte(strings.TrimSpace(number)), 6)
			if err != nil || v < 0 || v > 1e15/unit.per*1_000_000 {
				return want
			}
			*w = Watts(state.MulDiv(state.Time(v), unit.per, 1_000_000))
			return nil
		}
	}
	return want
}

// FormatYAML writes a power so that it reads back the same.
func (w Watts) FormatYAML() string { return string(units.AppendFixed(nil, int64(w), 3)) + "W" }

// DescribeYAML says what is expected.
func (Watts) DescribeYAML() string { return "a power such as 350W or 400kW" }

// What a context alive adds to an idle GPU, and how power grows with load (FACTS.md 1.1, an estimate).
const (
	contextMilliwatts = 40_000
	loadExponent      = 0.9
)

func (l *Loaded) checkEnergy() {
	e := l.Energy
	if e == nil {
		return
	}
	if e.PUE < 1_000_000 || e.PUE > 10_000_000 {
		l.Doc.Errorf("energy.pue", "a PUE of %s", e.PUE.FormatYAML()).Want("1 to 10")
	}
	if e.Load < 0 || e.Load > 1_000_000 {
		l.Doc.Errorf("energy.load", "a load of %s", e.Load.FormatYAML()).Want("0 to 1")
	}
	if e.Tariff != nil && l.Prices == nil {
		l.Doc.Errorf("energy.tariff", "a tariff without prices: its currency is not known").Do("add prices: {currency: USD}")
	}
	if c := e.Carbon; c != nil && c.PerKWh != nil && (*c.PerKWh < 0 || *c.PerKWh > 2000_000_000) {
		l.Doc.Errorf("energy.carbon.perKWh", "%s g a kWh", c.PerKWh.FormatYAML()).Want("0 to 2000")
	}
	for _, g := range e.GPUs {
		if g.Value.Idle > g.Value.TDP {
			l.Doc.Errorf("energy.gpus."+g.Name+".idle", "more than at full load").Want("at most %s", g.Value.TDP.FormatYAML())
		}
	}
}

// compileEnergy finds what every node draws.
func (l *Loaded) compileEnergy(p *Plan) error {
	e := l.Energy
	if e == nil {
		return nil
	}
	c, err := catalog.Default()
	if err != nil {
		return err
	}
	cfg := &energy.Config{PUE: int64(e.PUE), Warmup: l.Warmup.Time()}
	if e.Cap != nil {
		cfg.Cap = int64(*e.Cap)
	}
	byType := map[uint32]int32{}
	for i := range p.Config.Nodes {
		n := &p.Config.Nodes[i]
		t := n.Type
		if n.GPUs == 0 {
			t = state.NoType
		}
		if _, ok := byType[t]; ok {
			continue
		}
		name := p.Config.Names.Types.Name(int32(t))
		power, known := l.powerOf(c, name, n.GPUs > 0)
		if byType[t] = -1; known {
			byType[t] = int32(len(cfg.Powers))
			cfg.Powers = append(cfg.Powers, power)
		} else {
			p.Warnings = append(p.Warnings, fmt.Sprintf("the power of GPU type %q is not known: its nodes are left out of the energy (energy.gpus gives it)", name))
		}
	}
	cfg.Of = func(nodes *state.Nodes, node int32) int32 {
		t := nodes.Type[node]
		if nodes.GPUsTotal[node] == 0 {
			t = state.NoType
		}
		if at, ok := byType[t]; ok {
			return at
		}
		return -1
	}
	if err := l.compileCarbon(p, cfg); err != nil {
		return err
	}
	p.Energy = cfg
	return nil
}

// powerOf is what a node with a GPU type draws.
func (l *Loaded) powerOf(c *catalog.Catalog, name string, gpus bool) (energy.Power, bool) {
	e := l.Energy
	power := energy.Power{Base: 350_000}
	if e.Base != nil {
		power.Base = int64(*e.Base)
	}
	if !gpus {
		return power, true
	}
	var tdp, idle int64
	if own := e.GPUs.Get(name); own != nil {
		tdp, idle = int64(own.TDP), int64(own.Idle)
	} else if a, err := c.Accelerator(name); err == nil && a.TDP > 0 && a.Origin.Known("idle_w") {
		tdp, idle = int64(a.TDP)*1000, int64(a.Idle)*1000
	} else {
		return power, false
	}
	if e.Base == nil && tdp >= 700_000 {
		power.Base = 1_000_000
	}
	power.Idle = idle
	power.Held = min(idle+contextMilliwatts, tdp)
	power.Busy = power.Held
	if u := number(e.Load); u > 0 {
		power.Busy += int64(float64(float64(tdp-power.Held)*rng.Pow(u, loadExponent)) + 0.5)
	}
	return power, true
}

// compileCarbon fills in the carbon of each hour of the day.
func (l *Loaded) compileCarbon(p *Plan, cfg *energy.Config) error {
	c := l.Energy.Carbon
	if c == nil {
		return nil
	}
	cfg.Carbon = make([]int64, 24)
	start := p.Start
	if l.Start != nil {
		start = l.Start.Time
	}
	if zone, err := time.LoadLocation(l.Timezone); err == nil {
		start = start.In(zone)
	}
	cfg.Hour = state.Time(start.Hour())*3600*state.Second + state.Time(start.Minute())*60*state.Second + state.Time(start.Second())*state.Second
	if c.PerKWh != nil {
		for i := range cfg.Carbon {
			cfg.Carbon[i] = int64(*c.PerKWh) / 1000
		}
		return nil
	}
	l.readable(p, "energy.carbon.file", c.File)
	if err := l.Doc.Err(); err != nil {
		return err
	}
	data, err := os.ReadFile(l.path(c.File))
	if err != nil {
		return err
	}
	if err := readCarbon(c.File, data, cfg.Carbon); err != nil {
		l.Doc.Errorf("energy.carbon.file", "%s", err)
		return l.Doc.Err()
	}
	return nil
}

// readCarbon reads hour and g_per_kwh, each hour once.
func readCarbon(file string, data []byte, into []int64) error {
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF")))).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if len(rows) == 0 || len(rows[0]) != 2 || rows[0][0] != "hour" || rows[0][1] != "g_per_kwh" {
		return fmt.Errorf("%s:1: expected the columns hour,g_per_kwh", file)
	}
	seen := make([]bool, 24)
	for i, row := range rows[1:] {
		hour, err := strconv.Atoi(row[0])
		if err != nil || hour < 0 || hour > 23 || seen[hour] {
			return fmt.Errorf("%s:%d: hour: found %q, expected 0 to 23, each once", file, i+2, row[0])
		}
		v, err := units.ParseFixed([]byte(row[1]), 3)
		if err != nil || v < 0 || v > 2000_000 {
			return fmt.Errorf("%s:%d: g_per_kwh: found %q, expected 0 to 2000", file, i+2, row[1])
		}
		seen[hour], into[hour] = true, v
	}
	for hour, ok := range seen {
		if !ok {
			return fmt.Errorf("%s: hour %d is missing, expected all 24", file, hour)
		}
	}
	return nil
}
