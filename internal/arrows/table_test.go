package arrows

// arrows says what a package and those below it that have no row of their own may import of this module, without tests.
// "sim/*" is sim and everything below it. Every package may import sim/units and those below itself.
var arrows = map[string][]string{
	"cmd/orrery": {"*"},

	"sim":                 {"sim/state", "sim/cluster", "sim/quota", "sim/net", "sim/speed", "sim/market", "sim/fault", "sim/rng", "sim/internal/*"},
	"sim/state":           {},
	"sim/units":           {},
	"sim/rng":             {},
	"sim/internal/eventq": {},
	"sim/internal/bitset": {},
	"sim/cluster":         {"sim/state", "sim/internal/bitset"},
	"sim/quota":           {"sim/state", "sim/rng"},
	"sim/net":             {},
	"sim/speed":           {"sim/state", "sim/net", "sim/rng"},
	"sim/market":          {"sim/state", "sim/rng", "sim/internal/eventq"},
	"sim/fault":           {"sim/state", "sim/rng", "sim/internal/eventq"},
	"sim/metric":          {"sim/state"},
	"sim/check":           {"sim/state", "sim/cluster", "sim/quota"},
	"sim/simtest":         {"sim/*"},

	"policies":              {"internal/spell", "sim/state", "sim/cluster", "sim/quota", "sim/speed", "sim/rng", "policies/*"},
	"policies/order":        slots,
	"policies/backfill":     slots,
	"policies/place":        slots,
	"policies/preempt":      slots,
	"policies/resize":       slots,
	"policies/autoscale":    slots,
	"policies/waiting":      slots,
	"policies/profile":      slots,
	"policies/pass":         slots,
	"policies/peer":         slots,
	"policies/hook":         {"sim/state", "sim/cluster"},
	"policies/sched1":       {},
	"policies/wasm/conform": {"sim/*", "policies/*"},
	"policies/wasm":         {"policies/sched1", "policies/hook", "sim/state", "sim/cluster", "sim/speed", "sim/rng"},
	"policies/sdk":          {"internal/spell", "policies/sched1"},
	"policies/trial":        {"sim/*"},
	"policies/lockstep":     {"sim/*"},
	"policies/bench":        {"sim/*", "policies/trial"},
	"policies/policytest":   {"internal/snapshot", "sim/*", "policies/*"},

	"scenarios":          {"internal/spell", "policies/*", "sim/*", "scenarios/ydec", "scenarios/catalog", "scenarios/trace", "scenarios/gen"},
	"scenarios/ydec":     {"internal/spell"},
	"scenarios/columns":  {},
	"scenarios/stats":    {},
	"scenarios/catalog":  {"internal/spell"},
	"scenarios/trace":    {"internal/spell", "sim/state", "scenarios/columns"},
	"scenarios/gen":      {"sim/state", "sim/rng"},
	"scenarios/library":  {},
	"scenarios/conveyor": {"sim", "sim/state"},
	"scenarios/run":      {"policies", "policies/peer", "policies/wasm", "scenarios", "scenarios/columns", "scenarios/conveyor", "scenarios/trace", "scenarios/ydec", "sim/*"},
	"scenarios/study":    {"scenarios", "scenarios/run", "scenarios/stats", "scenarios/ydec", "sim/metric", "sim/state"},

	"reports": {"scenarios/run", "scenarios/study", "scenarios/stats", "sim/metric", "sim/state", "reports/*"},

	"api":               {"api/*"},
	"api/world":         {"internal/snapshot", "sim/*", "scenarios", "scenarios/run", "api/world/*"},
	"api/world/archive": {"sim/state"},
	"api/world/journal": {"sim/state"},
	"api/world/play":    {"sim/state", "sim/rng"},
	"api/paidlc":        cloud,
	"api/aihc":          cloud,
	"api/modelarts":     cloud,
	"api/lens":          {"api/world", "api/sign"},
	"api/sign":          {},
	"api/console":       {},
	"api/control":       {"api/world/*", "api/sign", "scenarios/*", "reports/*", "policies/*", "sim", "sim/state"},
	"api/orrerytest":    {"api/*", "scenarios", "scenarios/library", "sim", "sim/state"},
	"api/contract":      {"api/*", "scenarios", "scenarios/library", "sim/state", "sim/check"},

	"tools": {}, "docs": {}, "e2e": {"*"}, "internal/arrows": {}, "internal/spell": {}, "internal/snapshot": {}, "internal/stopwatch": {},
}

// slots are the parts of a pipeline and what they share. They may lean on each other, never on the pipeline.
var slots = []string{"sim/state", "sim/cluster", "sim/quota", "sim/speed", "sim/rng", "policies/hook", "policies/order", "policies/place", "policies/preempt",
	"policies/pass", "policies/profile", "policies/waiting", "policies/backfill"}

var cloud = []string{"internal/spell", "api/world", "api/world/play", "api/lens", "api/sign", "scenarios/catalog", "sim/state"}

// forTests may import what they like of the module, and only tests import them.
var forTests = []string{"sim/simtest", "policies/policytest", "api/orrerytest", "api/contract", "sim/metric/script", "internal/stopwatch"}

// never are arrows that a wildcard above would allow.
var never = []struct{ from, to string }{
	{"sim", "sim/simtest"}, {"reports", "sim"}, {"scenarios/trace", "scenarios"}, {"api/world", "api"},
}

// libraries says who may import a library, beside tests that use it as a yardstick.
var libraries = map[string][]string{
	"github.com/spf13/cobra":          {"cmd/orrery"},
	"golang.org/x/term":               {"cmd/orrery"},
	"gopkg.in/yaml.v3":                {"scenarios/ydec"},
	"github.com/parquet-go/":          {"scenarios/columns"},
	"github.com/klauspost/compress":   {"scenarios/trace", "scenarios/columns", "scenarios/run"},
	"gonum.org/v1/gonum":              {"scenarios/stats", "scenarios/gen"},
	"github.com/go-echarts/":          {"reports/chart"},
	"github.com/tetratelabs/wazero":   {"policies/wasm"},
	"github.com/gofiber/fiber":        {"api"},
	"github.com/valyala/fasthttp":     {"api"},
	"github.com/getkin/kin-openapi":   {"api/contract"},
	"github.com/nats-io/":             {"scenarios/study/nats"},
	"modernc.org/sqlite":              {"api/world/journal"},
	"pgregory.net/rapid":              {"policies/policytest", "api/contract"},
	"github.com/google/go-cmp":        {},
	"github.com/rogpeppe/go-internal": {},
	"github.com/santhosh-tekuri/":     {},
	"go.uber.org/goleak":              {},
	"github.com/chromedp/":            {"tools"},
}

// deterministic are the packages that two runs must not differ in, and what is beside the rule among them.
var (
	deterministic = []string{"sim", "policies"}
	beside        = []string{"sim/simtest", "sim/metric/script", "policies/wasm", "policies/policytest", "policies/sdk", "policies/sched1"}
)

// outside are packages of the standard library that reach out of a simulation, or order work by a scheduler.
var outside = []string{"os", "io/ioutil", "net", "log", "sync", "syscall", "runtime", "plugin", "testing", "math/rand", "crypto/rand", "embed"}

// forbidden are functions of packages that are otherwise welcome.
var forbidden = map[string][]string{
	"time":         {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "LoadLocation"},
	"math":         {"Exp", "Exp2", "Expm1", "Log", "Log2", "Log10", "Log1p", "Pow", "Sin", "Cos", "Tan", "Atan", "Gamma", "Erf", "FMA", "Hypot", "Cbrt"},
	"math/rand/v2": {"Int", "IntN", "Int32", "Int32N", "Int64", "Int64N", "Uint", "UintN", "Uint32", "Uint32N", "Uint64", "Uint64N", "Float32", "Float64", "N", "Perm", "Shuffle", "NormFloat64", "ExpFloat64"},
}
