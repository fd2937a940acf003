package rewrite

// A frame is counted as its parameters, locals and operand stack (v128 twice), and beside them:
const (
	frameSlots = 4  // return address and what the compiler saves
	spillShare = 32 // one slot for so many instructions: a value that lives across a call gets a place of its own
)

// callGraph has a node for each function and, behind them, one for each class of types, which stands for every function of such
// a type in the table.
type callGraph struct {
	callees [][]int32 // own functions: callees, ^class for a call through the table
	frames  []int64   // own functions: slots
}

// counted says which own functions keep count of their frames: those on a cycle of calls, a call through the table being one to
// every function of its type there. The others cannot be on the stack twice; if all of them together could pass the limit, they
// are counted too.
func (m *module) counted(g *callGraph) []bool {
	out := make([]bool, len(g.callees))
	cyclic := m.cyclic(g)
	var rest int64
	for i := range out {
		if out[i] = cyclic[i+len(m.imports)]; !out[i] {
			rest += g.frames[i]
		}
	}
	if rest > m.o.MaxDepth {
		for i := range out {
			out[i] = true
		}
	}
	return out
}

// cyclic finds the nodes on cycles: those of strongly connected components (Tarjan 1972) of more than one node, and those that
// call themselves.
func (m *module) cyclic(g *callGraph) []bool {
	n, imported := len(m.funcs), len(m.imports)
	inTable := make([][]int32, len(m.types))
	for _, f := range m.indirect {
		class := m.typeClass[m.funcs[f]]
		inTable[class] = append(inTable[class], int32(f))
	}
	next := func(v int32) []int32 {
		switch {
		case int(v) >= n:
			return inTable[int(v)-n]
		case int(v) < imported:
			return nil
		}
		return g.callees[int(v)-imported]
	}
	type frame struct{ v, at int32 }
	var (
		index  = make([]int32, n+len(m.types)) // order of discovery from 1, 0 unseen
		low    = make([]int32, len(index))
		inside = make([]bool, len(index)) // on the stack of open components
		out    = make([]bool, len(index))
		open   []int32
		work   []frame
		seen   int32
	)
	visit := func(v int32) {
		seen++
		index[v], low[v], inside[v] = seen, seen, true
		open, work = append(open, v), append(work, frame{v: v})
	}
	for root := imported; root < n; root++ {
		if index[root] > 0 {
			continue
		}
		visit(int32(root))
		for len(work) > 0 {
			f := &work[len(work)-1]
			if edges := next(f.v); int(f.at) < len(edges) {
				w := edges[f.at]
				f.at++
				if w < 0 {
					w = int32(n) + ^w
				}
				switch {
				case index[w] == 0:
					visit(w)
				case inside[w]:
					low[f.v] = min(low[f.v], index[w])
					out[w] = out[w] || w == f.v
				}
				continue
			}
			v := f.v
			work = work[:len(work)-1]
			if len(work) > 0 {
				up := work[len(work)-1].v
				low[up] = min(low[up], low[v])
			}
			if low[v] != index[v] {
				continue
			}
			several := open[len(open)-1] != v
			for done := false; !done; {
				w := open[len(open)-1]
				open = open[:len(open)-1]
				inside[w], done = false, w == v
				out[w] = out[w] || several
			}
		}
	}
	return out
}
