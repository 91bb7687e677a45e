package dnsbl

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"openrelay/internal/variants"
)

func TestParseZones(t *testing.T) {
	zones, err := ParseZones("zones.txt", strings.NewReader("\ufeff# ours\n\n"+
		"bl.Example.org.   # addresses\n"+
		"two.example.org ip4,ip6 policy  Our  second list\n"+
		"dbl.example.org name\r\n"+
		"abcdefgh12345678.zen.dq.spamhaus.net ip4,ip6 as:zen.spamhaus.org\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(zones) != 4 {
		t.Fatalf("%d zones, want 4", len(zones))
	}
	if z := zones[0]; z.Zone != "bl.example.org" || z.Asks != IP4 || z.Kind != Accusation || z.Name != "" {
		t.Errorf("%+v", z)
	}
	if z := zones[1]; z.Asks != IP4|IP6 || z.Kind != Policy || z.Name != "Our second list" {
		t.Errorf("%+v", z)
	}
	if z := zones[2]; z.Asks != Names {
		t.Errorf("%+v", z)
	}
	if z := zones[3]; z.Zone != "zen.dq.spamhaus.net" || z.Key != "abcdefgh12345678" || z.Asks != IP4|IP6 || len(z.Codes) == 0 || z.Name != "Spamhaus ZEN" {
		t.Errorf("%+v", z)
	}
}

// The word default adds the built-in zones, but those the file has itself.
func TestParseZonesDefault(t *testing.T) {
	zones, err := ParseZones("z", strings.NewReader("default\nbl.example.org\npsbl.surriel.com ip4 policy\n"))
	if err != nil || len(zones) != len(Zones)+1 {
		t.Fatalf("%d zones, %v", len(zones), err)
	}
	if z, _ := Find(zones, "psbl.surriel.com"); z.Kind != Policy || z.Delist != "" {
		t.Errorf("%+v", z)
	}
}

func TestParseZonesMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":                                           "zones.txt: names no zone",
		"# nothing\n":                                "zones.txt: names no zone",
		"ok.example.org\nbl":                         `zones.txt:2: "…" is not the name of a zone`,
		"192.0.2.1":                                  `zones.txt:1: "…" is not the name of a zone`,
		"https://bl.example.org":                     `zones.txt:1: "…" is not`,
		"bl.example.org ipv4":                        `zones.txt:1: "…" is nothing a zone can be asked about`,
		"bl.example.org ip5 policy":                  `zones.txt:1: "…" is nothing a zone can be asked about`,
		"bl.example.org ip4, ip6":                    `zones.txt:1: "…" is nothing`,
		"bl.example.org ip4 spam":                    `zones.txt:1: "…" is nothing a listing can mean`,
		"bl.example.org ip4 as:no.such":              `zones.txt:1: "…" is nothing a listing can mean`,
		"ok.example.org\nbl.example.org ipv4":        `zones.txt:2: "ipv4" is nothing a zone can be asked about`,
		"ok.example.org\nhunter2! ip4":               `zones.txt:2: "…" is not the name of a zone`,
		"ok.example.org\nk.zen.dq.spamhaus.net ip5":  `zones.txt:2: "…" is nothing a zone can be asked about`,
		"a.example\nA.example.":                      `zones.txt:2: zone "a.example" is there twice`,
		"a.example\n" + strings.Repeat("x", 1<<17):   "zones.txt:2: longer than 64 KiB, which is no zone",
		strings.Repeat("a.", 100) + "example":        "is not the name of a zone",
		"-\x1b[2J.example":                           "is not the name of a zone",
		"bl..example.org":                            "is not the name of a zone",
		".example.org":                               "is not the name of a zone",
		"bl.example.org..":                           "is not the name of a zone",
		strings.Repeat("a", 64) + ".example.org ip4": "is not the name of a zone",
	} {
		_, err := ParseZones("zones.txt", strings.NewReader(text))
		var mistake *FileError
		if !errors.As(err, &mistake) || !strings.Contains(err.Error(), want) || mistake.Hint() == "" {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
}

// What parses can be asked, and says the same when it is written out and read again.
func FuzzParseZones(f *testing.F) {
	own, err := os.ReadFile("testdata/own.zones")
	if err != nil {
		f.Fatal(err)
	}
	for text := range variants.Of(2000, string(own), "bl.example.org. name policy x", "default\nk.zen.dq.spamhaus.net ip4 as:zen.spamhaus.org x") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		zones, err := ParseZones("f", strings.NewReader(text))
		if err != nil {
			var mistake *FileError
			if !errors.As(err, &mistake) || len(zones) > 0 {
				t.Fatalf("%v with %d zones", err, len(zones))
			}
			return
		}
		var b strings.Builder
		for _, z := range zones {
			if !isZoneName(z.Zone) || z.Asks == 0 || weight[z.Kind] == 0 {
				t.Fatalf("%+v", z)
			}
			zone := z.Zone
			if z.Key != "" {
				zone = z.Key + "." + zone
			}
			b.WriteString(strings.Join([]string{zone, z.Asks.String(), string(z.Kind), z.Name}, " ") + "\n")
		}
		again, err := ParseZones("f", strings.NewReader(b.String()))
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		same := func(a, b Zone) bool {
			return a.Zone == b.Zone && a.Key == b.Key && a.Asks == b.Asks && a.Kind == b.Kind && a.Name == b.Name
		}
		if !slices.EqualFunc(zones, again, same) {
			t.Fatalf("%+v\n%+v", zones, again)
		}
	})
}
