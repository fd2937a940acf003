package world

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fill gives every field under v a value of its own.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), n)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.String:
		v.SetString(string(rune('a' + *n)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8, reflect.Uint64:
		v.SetUint(uint64(*n))
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(-int64(*n))
	default:
		panic(v.Kind())
	}
}

func TestEveryFieldOfAnEntryIsKept(t *testing.T) {
	full, n := &entry{}, 0
	fill(reflect.ValueOf(full).Elem(), &n)
	list := []*entry{full, {Kind: entryDelete}, {Kind: entryAmend, Payload: []byte{}, Number: 1<<64 - 1}}
	body := encode(list)
	got, err := decode(body)
	if diff := cmp.Diff(list, got, cmp.AllowUnexported(entry{})); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for i := range body {
		if _, err := decode(body[:i]); err == nil {
			t.Errorf("the first %d of %d bytes are a list of commands", i, len(body))
		}
	}
	if _, err := decode(append(body, 0)); err == nil {
		t.Error("a byte too many is read")
	}
}

func FuzzDecode(f *testing.F) {
	full, n := &entry{}, 0
	fill(reflect.ValueOf(full).Elem(), &n)
	f.Add(encode([]*entry{full}))
	f.Add([]byte("x"))
	f.Fuzz(func(t *testing.T, body []byte) {
		list, err := decode(body)
		if err != nil {
			return
		}
		again, err := decode(encode(list))
		if diff := cmp.Diff(list, again, cmp.AllowUnexported(entry{})); diff != "" || err != nil {
			t.Error(err, diff)
		}
	})
}
