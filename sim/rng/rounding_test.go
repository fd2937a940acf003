package rng

import (
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"strings"
	"testing"
)

// TestEveryProductIsRounded reads the package: a float product that is not the whole operand of a conversion could be
// fused with an addition, which changes the last bit on some processors. Products with a power of two are exact, so
// fusing them changes nothing.
func TestEveryProductIsRounded(t *testing.T) {
	fset := token.NewFileSet()
	var files []*ast.File
	names, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if !strings.HasSuffix(n.Name(), ".go") || strings.HasSuffix(n.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, n.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	if _, err := conf.Check("rng", fset, files, info); err != nil {
		t.Fatal(err)
	}
	products := 0
	for _, f := range files {
		rounded := map[ast.Expr]bool{}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if info.Types[n.Fun].IsType() {
					rounded[ast.Unparen(n.Args[0])] = true
				}
			case *ast.AssignStmt:
				if n.Tok == token.MUL_ASSIGN && isFloat(info.Types[n.Lhs[0]].Type) {
					t.Errorf("%s: *= on a float is not rounded: use mul", fset.Position(n.Pos()))
				}
			case *ast.BinaryExpr:
				tv := info.Types[n]
				if n.Op != token.MUL || tv.Value != nil || !isFloat(tv.Type) {
					break
				}
				products++
				if !rounded[n] && !powerOfTwo(info.Types[n.X].Value) && !powerOfTwo(info.Types[n.Y].Value) {
					t.Errorf("%s: this product may be fused: use mul", fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
	if products < 5 {
		t.Errorf("found only %d products: is the test looking at the right files?", products)
	}
}

func isFloat(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsFloat != 0
}

func powerOfTwo(v constant.Value) bool {
	if v == nil {
		return false
	}
	f, _ := constant.Float64Val(constant.ToFloat(v))
	for f = abs(f); f > 1; f /= 2 {
	}
	for ; f > 0 && f < 1; f *= 2 {
	}
	return f == 1
}

func abs(x float64) float64 { return max(x, -x) }
