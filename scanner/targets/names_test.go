package targets

import "testing"

// However a name is written, the DNS is asked for what it holds, and nobody later hears of another form.
func TestNamesInAnyScript(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "targets.txt", "Bu\u0308cher.Example.\nmx:straße.example\n")
	write(t, "never.txt", "пример.example\n")
	z := zone{
		hosts: map[string]string{"xn--bcher-kva.example": "192.0.2.25", "mail.xn--bcher-kva.example": "192.0.2.26", "xn--e1afmkfd.example": "192.0.2.27"},
		mx:    map[string]string{"xn--strae-oqa.example": "10 mail.xn--bcher-kva.example."},
	}
	host, mail := "192.0.2.25:25 name=xn--bcher-kva.example named", "192.0.2.26:25 name=mail.xn--bcher-kva.example domain=xn--strae-oqa.example named"
	for _, c := range []struct {
		name           string
		specs          []string
		exclude, scope []string
		want           []string
	}{
		{"host", []string{"bücher.example:25"}, nil, nil, []string{host}},
		{"host twice", []string{"BÜCHER。example:25", "xn--bcher-kva.example:25"}, nil, nil, []string{host}},
		{"mail hosts", []string{"mx:STRAẞE.example:25"}, nil, nil, []string{mail}},
		{"file", []string{"@targets.txt"}, nil, nil, []string{host, mail}},
		{"excluded", []string{"bücher.example:25", "mx:straße.example:25"}, []string{"Bücher.example."}, nil, []string{mail}},
		{"excluded by file", []string{"192.0.2.26-27:25"}, nil, nil, []string{"192.0.2.26:25"}},
		{"in scope", []string{"bücher.example:25"}, nil, []string{"bücher.example"}, []string{host}},
		{"below the scope", []string{"mx:straße.example:25"}, nil, []string{"*.BÜCHER.example", "*.straße.example"}, []string{mail}},
	} {
		o := z.options()
		o.Ports, o.Exclude, o.ExcludeFiles = []uint16{25}, c.exclude, []string{"never.txt"}
		if c.scope != nil {
			o.Scope = agreed(t, c.scope...)
		}
		t.Run(c.name, func(t *testing.T) { check(t, c.specs, o, c.want...) })
	}
}

// The hint of a name that is mended keeps what else was typed.
func TestHintOfAName(t *testing.T) {
	for spec, want := range map[string]string{
		"mx:bü\u200bcher.example:26": "openrelay scan mx:xn--bcher-kva.example:26",
		"mail–1.example":             "openrelay scan mail-1.example",
		"１９２．０．２．１:25":               "openrelay scan 192.0.2.1:25",
		"mx:１９２．０．２．１:25":            "openrelay scan 192.0.2.1:25",
		"２００１：db8：：1":                "openrelay scan 2001:db8::1",
		"אbc.example":                "openrelay scan --help",
		"mx:localhost:26":            "openrelay scan localhost:26",
		"mx:":                        "openrelay scan --help",
		"mx:192.0.2.1":               "openrelay scan 192.0.2.1",
		"mx:192.0.2.300":             "openrelay scan --help",
	} {
		_, err := Parse([]string{spec}, Options{})
		if mistake, ok := err.(*Error); !ok || mistake.Hint() != want {
			t.Errorf("%q: %#v, want the hint %q", spec, err, want)
		}
	}
}
