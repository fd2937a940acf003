package reports

// Color names a colour by what it is, not by its value: a drawing picks the value for its theme, and the same thing has the
// same colour in every chart.
type Color string

// The Okabe-Ito palette and the greys beside it. In reports Blue is busy or running, Free is free, Orange is fragmented,
// Purple is reserved, Black is down or impossible.
const (
	Blue       Color = "blue"
	Orange     Color = "orange"
	Green      Color = "green"
	Sky        Color = "sky"
	Vermillion Color = "vermillion"
	Purple     Color = "purple"
	Yellow     Color = "yellow"
	Black      Color = "black"
	Grey       Color = "grey"
	Free       Color = "free"
	Waiting    Color = "waiting" // a job that waits
	Hatched    Color = "hatched" // grey with a hatch: drawings add the lines
)

// Shade is the value of a colour in one theme: the fill, and an edge that stands out from the background by 3:1 where the
// fill does not (yellow on white).
type Shade struct {
	Fill, Edge string
}

// Swatch is a colour in both themes.
type Swatch struct {
	Name        Color
	Light, Dark Shade
}

// Swatches returns every colour, in the order in which categories take them.
func Swatches() []Swatch {
	return []Swatch{
		{Blue, Shade{"#0072b2", "#005a8c"}, Shade{"#2f8fd0", "#6db6e8"}},
		{Orange, Shade{"#e69f00", "#a87400"}, Shade{"#e69f00", "#f2bd4b"}},
		{Green, Shade{"#009e73", "#00795a"}, Shade{"#12a87e", "#4fcfa9"}},
		{Purple, Shade{"#cc79a7", "#a84f82"}, Shade{"#cc79a7", "#e3a6c6"}},
		{Sky, Shade{"#56b4e9", "#2484bd"}, Shade{"#7cc6f0", "#a9dbf7"}},
		{Vermillion, Shade{"#d55e00", "#a84a00"}, Shade{"#e07023", "#f09a5e"}},
		{Yellow, Shade{"#f0e442", "#8f8500"}, Shade{"#f0e442", "#f7f09a"}},
		{Black, Shade{"#1f2328", "#000000"}, Shade{"#05070a", "#c5ccd6"}},
		{Grey, Shade{"#8a929b", "#6b737c"}, Shade{"#8a929b", "#b3bac2"}},
		{Free, Shade{"#e3e6ea", "#878e96"}, Shade{"#30363d", "#7d8590"}},
		{Waiting, Shade{"#dcd6cb", "#8c8473"}, Shade{"#6a6457", "#a89f8c"}},
		{Hatched, Shade{"#c9ced4", "#5c646d"}, Shade{"#4a525b", "#a5adb6"}},
	}
}

// Of returns the swatch of c, grey for a name that is none.
func (c Color) Of() Swatch {
	for _, s := range Swatches() {
		if s.Name == c {
			return s
		}
	}
	return Grey.Of()
}

// Category returns the colour of the i-th category of a chart whose categories mean nothing fixed, such as GPU types. The
// colours repeat from the eighth on: charts fold what lies beyond into "others".
func Category(i int) Color {
	order := [...]Color{Blue, Orange, Green, Purple, Sky, Vermillion, Yellow}
	return order[i%len(order)]
}

// Categories is the number of categories that Category can tell apart.
const Categories = 7

// Scale is the sequential scale for amounts, from nothing to all, monotone in lightness: light to dark on a light page,
// dark to light on a dark one.
func Scale(dark bool) []string {
	if dark {
		return []string{"#20262d", "#17435f", "#1c6b9c", "#4a9fd4", "#9bd3f5"}
	}
	return []string{"#eef1f4", "#b8d8ec", "#6aaed6", "#1f77b4", "#08406f"}
}
