package catalog_test

import (
	"fmt"

	"github.com/orrery-sim/orrery/scenarios/catalog"
	"github.com/orrery-sim/orrery/sim/units"
)

func Example() {
	c, err := catalog.Default()
	if err != nil {
		fmt.Println(err)
		return
	}
	n, _ := c.Node("ecs.ebmgn7e.32xlarge")
	p, _ := c.Price(n.Name, "", "")
	fmt.Println(n.GPUs, n.GPU, units.BytesText(n.Memory), units.FormatMoney(p.OnDemandHour, p.Currency), "an hour,", p.Origin.Tag)
	_, err = c.Accelerator("A100")
	fmt.Println(err)
	// Output:
	// 8 A100-80 1TiB ¥278 an hour, documented
	// accelerator: got "A100", want a name or alias of the catalogue (did you mean "A100-40" or "A100-80" or "A100-80-PCIe"?)
}
