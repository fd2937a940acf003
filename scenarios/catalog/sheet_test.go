package catalog

import (
	"errors"
	"strings"
	"testing"
)

func TestUserSheets(t *testing.T) {
	c := load(t)
	c2, err := c.With(Sheet{File: "gpus.csv", Data: []byte("\uFEFFname,aliases,memory,peak_tflops\nA100-80,my-a100,85GB,300\nNPU-X,npux,32GB,100.5\n")})
	if err != nil {
		t.Fatal(err)
	}
	a, err := c2.Accelerator("my-a100")
	if err != nil || a.Name != "A100-80" || a.Memory != 85e9 || a.TDP != 0 || a.SpeedMilli != 2100 || a.Origin.Tag != TagUser || a.Origin.Known("tdp_w") || a.Origin.Line != 2 {
		t.Errorf("replaced row: %+v, %v", a, err)
	}
	if _, err := c2.Accelerator("A100-SXM4-80GB"); err == nil {
		t.Error("the alias of a replaced row still works")
	}
	if a, err := c.Accelerator("A100-SXM4-80GB"); err != nil || a.Memory != 80e9 {
		t.Errorf("the default catalogue changed: %+v, %v", a, err)
	}
	c3, err := c2.With(Sheet{File: "nodes.csv", Data: []byte("name,gpu,gpus,cpus,memory,rdma\nbox,npux,4,64,512GiB,2x100Gb/s\n")})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := c3.Node("BOX"); err != nil || n.GPU != "NPU-X" || n.RDMA != 25e9 || n.Complete() != nil {
		t.Errorf("node: %+v, %v", n, err)
	}
	c4, err := c3.With(Sheet{File: "prices.csv", Currency: "EUR", Data: []byte(
		"node_type,on_demand_h,reserved_month,spot_h,purchase,life_months,power_kw,valid_from,source\n" +
			"box,12.5,,,,,,2026-01-01,quote\nbox,11,,,,,,2026-07-01,quote\np3.2xlarge,,,,60000,48,6.5,,invoice\nmine,1,,,,,,,\n")})
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]int64{"2026-03-01": 12_500_000, "2026-07-01": 11_000_000, "": 11_000_000} {
		if p, err := c4.Price("box", "", day); err != nil || p.OnDemandHour != want || p.Currency != "EUR" {
			t.Errorf("on %q: %+v, %v", day, p, err)
		}
	}
	if p, err := c4.Price("p3.2xlarge", "", ""); err != nil || p.Purchase != 60_000_000_000 || p.PowerW != 6500 || p.LifeMonths != 48 {
		t.Errorf("the sheet's price does not replace both lists: %+v, %v", p, err)
	}
	if _, err := c4.Price("mine", "", ""); err != nil {
		t.Errorf("a scenario's own node type: %v", err)
	}
}

func TestBadSheets(t *testing.T) {
	const gpus, nodes, prices = "name,aliases,memory,peak_tflops,tag\n", "name,gpu,gpus,cpus,memory,rdma\n", "node_type,currency,on_demand_h,valid_from,purchase\n"
	for _, x := range []struct{ name, data, want string }{
		{"empty", "", `s.csv:1:1  header: got "", want a line of column names`},
		{"no table", "a,b\n1,2\n", `s.csv:1:1  header: got "a,b", want the columns of one table`},
		{"column", "name,memory,peak_tflops,tdpw\n", `s.csv:1:25  column: got "tdpw", want one of`},
		{"column hint", "name,memory,peak_tflops,tdpw\n", `did you mean "tdp_w"?`},
		{"twice", "name,memory,peak_tflops,memory\n", "each column once"},
		{"cells", gpus + "X,,1GB\n", `s.csv:2:1  row: got "3 cells", want 5`},
		{"quote", gpus + "X,\"a\"b,1GB,1,\n", `s.csv:2:5  quotes`},
		{"unit", gpus + "X,,80,1,\n", `s.csv:2:4  memory: got "80", want a number with a unit`},
		{"number", "# note\n" + gpus + "X,,80GB,fast,\n", `s.csv:3:9  peak_tflops: got "fast"`},
		{"negative", gpus + "X,,1GB,-1,\n", `peak_tflops: got "-1", want no negative number`},
		{"space", gpus + "X,, 1GB,1,\n", "no spaces around it"},
		{"name", gpus + ",,1GB,1,\n", "a name without spaces"},
		{"tag", gpus + "X,,1GB,1,Q\n", `tag: got "Q", want D, M, C, R or E`},
		{"tag column", gpus + "X,,1GB,1,D speed=E\n", "a column of this table that the row fills"},
		{"tag empty column", gpus + "X,,,1,D memory=E\n", "a column of this table that the row fills"},
		{"same name", gpus + "X,,1GB,1,\nx,,1GB,1,\n", `s.csv:3:1  name: got "x", want a name that no other row has, in any case (line 2 has it already)`},
		{"same built-in twice", gpus + "T4,,1GB,1,\nT4,,1GB,1,\n", "line 2 has it already"},
		{"alias taken", gpus + "X,tesla-t4,1GB,1,\n", `s.csv:2:3  aliases: got "tesla-t4"`},
		{"alias as name", gpus + "Tesla-T4,,1GB,1,\n", "it is an alias of T4"},
		{"gpu", nodes + "n,A100-8O,8,1,1GiB,\n", `s.csv:2:3  gpu: got "A100-8O", want an accelerator of the catalogue (did you mean A100-80`},
		{"gpus", nodes + "n,T4,,1,1GiB,\n", "how many T4"},
		{"rdma", nodes + "n,T4,1,1,1GiB,0x1Gb/s\n", "a count from 1 to 1023"},
		{"rdma unit", nodes + "n,T4,1,1,1GiB,8x400\n", "rdma: got \"400\", want bits as"},
		{"huge", nodes + "n,T4,9999999999,1,1GiB,\n", "at most 2147483647"},
		{"currency", prices + "n,usd,1,,\n", "a code of three capitals"},
		{"no currency", "node_type,on_demand_h\nn,1\n", "a code of three capitals"},
		{"money", prices + "n,USD,$5,,\n", "the currency has a field of its own"},
		{"no price", prices + "n,USD,,,\n", "at least one price"},
		{"life", prices + "n,USD,,,5000\n", "how many months"},
		{"day", prices + "n,USD,1,2026-13-01,\n", `valid_from: got "2026-13-01", want a day`},
		{"price twice", prices + "n,USD,1,,\nn,USD,2,,\n", "line 2 has it already"},
		{"speed", "gpu,speed\nT4,0\n", "a factor of at least 0.001"},
		{"speed gpu", "gpu,speed\nT5,1\n", "an accelerator of the catalogue"},
		{"kind", "name,kind,gpu\nx,disk,\n", "gpu, rdma, cpu or memory"},
		{"kind gpu", "name,kind,gpu\nx,cpu,T4\n", "the accelerator of kind gpu"},
	} {
		_, err := load(t).With(Sheet{File: "s.csv", Data: []byte(x.data)})
		var all Errors
		if !errors.As(err, &all) || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: got %v, want %q", x.name, err, x.want)
		}
	}
}

func TestAllErrorsAtOnceAtMostTwenty(t *testing.T) {
	_, err := load(t).With(Sheet{File: "s.csv", Data: []byte("name,memory,peak_tflops\n" + strings.Repeat("X,80,fast\n", 30))})
	var all Errors
	if !errors.As(err, &all) || len(all) != 20 || all[0].Line != 2 || all[0].Column != 3 || all[1].Column != 6 {
		t.Errorf("%v", err)
	}
}

func FuzzSheet(f *testing.F) {
	f.Add("name,memory,peak_tflops\nX,80GB,1\n")
	f.Add("node_type,currency,on_demand_h\nX,USD,1.5\n")
	f.Add("name,gpu,gpus,cpus,memory,rdma,tag\nn,T4,1,1,1GiB,8x400Gb/s,D rdma=E\n")
	c, err := Default()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out, err := c.With(Sheet{File: "s.csv", Data: []byte(text)})
		if (out == nil) == (err == nil) {
			t.Fatalf("got %v and %v", out, err)
		}
		if err == nil {
			return
		}
		var all Errors
		if errors.As(err, &all) && (len(all) == 0 || len(all) > maxErrors || all[0].Line < 1 || all[0].Column < 1) {
			t.Fatalf("errors without a place: %v", err)
		}
	})
}
