package report

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"openrelay/probe"
)

// rangeMap remembers what each address of the scanned ranges is, one byte an address. Addresses are kept
// in blocks of 256: an IPv4 /24, an IPv6 /120. The zero rangeMap is ready.
type rangeMap struct {
	blocks map[netip.Prefix]*[256]mapCell
}

// mapCell is the worst that a port of an address was judged.
type mapCell byte

const (
	untested mapCell = iota
	noServer
	closedCell
	inconclusiveCell
	openCell
)

var cells = map[probe.Verdict]mapCell{
	probe.Unreachable: noServer, probe.Closed: closedCell, probe.Inconclusive: inconclusiveCell, probe.Open: openCell,
}

// cellNames are the classes of the cells in the style sheet, worst last.
var cellNames = []string{untested: "untested", noServer: "dead", closedCell: "closed", inconclusiveCell: "inconclusive", openCell: "open"}

func (m *rangeMap) add(r probe.Result) {
	target, err := netip.ParseAddrPort(r.Target)
	if r.Named || err != nil {
		return
	}
	addr := target.Addr().Unmap().WithZone("")
	block := blockOf(addr, 8)
	if m.blocks == nil {
		m.blocks = map[netip.Prefix]*[256]mapCell{}
	}
	b := m.blocks[block]
	if b == nil {
		b = new([256]mapCell)
		m.blocks[block] = b
	}
	last := &b[addr.AsSlice()[addr.BitLen()/8-1]]
	*last = max(*last, cells[r.Verdict])
}

// blockOf is the network of an address that leaves so many bits for the hosts.
func blockOf(addr netip.Addr, bits int) netip.Prefix {
	p, _ := addr.Prefix(addr.BitLen() - bits) // an address has more bits than that
	return p
}

// Fewer addresses of a block than fewCells are no range. More than fewTiles blocks under one prefix are
// drawn as one picture, a block a row. There are at most maxPictures.
const (
	fewCells    = 2
	fewTiles    = 16
	maxPictures = 64
)

// rangeView is what page.tmpl shows of the ranges.
type rangeView struct {
	Pictures []picture
	NotDrawn int // pictures beyond the limit
	Networks []networkRow
	Hidden   int // networks that have no row
}

// picture is a grid of cells, the first address top left.
type picture struct {
	Title         string
	Network       string // the first address: what the picture counts from
	Columns, Rows int
	Wide          bool // a row is a whole block
	Paths         []cellPath
	Rings         []point // around open cells, which are small among many
	Ticks         []tick
}

// Height is the height of a wide picture with its margins.
func (p picture) Height() int { return p.Rows + 16 }

type cellPath struct {
	Class string
	d     []byte
}

// D is SVG path data: a stroke for each run of cells.
func (c cellPath) D() string { return string(c.d) }

type point struct{ X, Y float64 }

type tick struct {
	X, Y float64
	Text string
}

// networkRow is the text alternative: what a block holds.
type networkRow struct {
	Network                              string
	Open, Inconclusive, Closed, NoServer int
}

func (m *rangeMap) view() (v rangeView) {
	groups := map[netip.Prefix][]netip.Prefix{}
	var order []netip.Prefix
	for block, b := range m.blocks {
		if tested(b) < fewCells {
			continue
		}
		group := blockOf(block.Addr(), 16)
		if groups[group] == nil {
			order = append(order, group)
		}
		groups[group] = append(groups[group], block)
	}
	slices.SortFunc(order, netip.Prefix.Compare)
	for _, group := range order {
		blocks := groups[group]
		slices.SortFunc(blocks, netip.Prefix.Compare)
		if len(blocks) > fewTiles {
			v.Pictures = append(v.Pictures, m.wide(group, blocks))
		} else {
			for _, block := range blocks {
				v.Pictures = append(v.Pictures, m.tile(block))
			}
		}
		for _, block := range blocks {
			v.Networks = append(v.Networks, m.network(block))
		}
	}
	if n := len(v.Pictures); n > maxPictures {
		v.Pictures, v.NotDrawn = v.Pictures[:maxPictures], n-maxPictures
	}
	if n := len(v.Networks); n > maxPictures*256 {
		v.Networks, v.Hidden = v.Networks[:maxPictures*256], n-maxPictures*256
	}
	return v
}

func tested(b *[256]mapCell) (n int) {
	for _, c := range b {
		if c != untested {
			n++
		}
	}
	return n
}

// tile draws one block as 16 by 16 cells.
func (m *rangeMap) tile(block netip.Prefix) picture {
	b := m.blocks[block]
	p := picture{Title: block.String(), Network: block.Addr().String(), Columns: 16, Rows: 16}
	for row := range 16 {
		p.draw(row, b[row*16:row*16+16])
	}
	p.finish()
	return p
}

// wide draws the blocks under one prefix, each in a row.
func (m *rangeMap) wide(group netip.Prefix, blocks []netip.Prefix) picture {
	number := func(block netip.Prefix) int {
		b := block.Addr().AsSlice()
		return int(b[len(b)-2])
	}
	first, last := number(blocks[0]), number(blocks[len(blocks)-1])
	p := picture{Title: group.String(), Network: blocks[0].Addr().String(), Columns: 256, Rows: last - first + 1, Wide: true}
	for _, block := range blocks {
		p.draw(number(block)-first, m.blocks[block][:])
	}
	for _, at := range []int{0, 64, 128, 192, 255} {
		p.Ticks = append(p.Ticks, tick{float64(at) + .5, -3, octet(group, at)})
		if at < p.Rows {
			p.Ticks = append(p.Ticks, tick{-3, float64(at) + 1, octet(group, first+at)})
		}
	}
	p.finish()
	return p
}

// octet is a part of an address as its family writes it.
func octet(p netip.Prefix, n int) string {
	if p.Addr().Is4() {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%02x", n)
}

// draw adds the cells of a row, equal neighbours as one stroke.
func (p *picture) draw(y int, row []mapCell) {
	if p.Paths == nil {
		for c := noServer; c <= openCell; c++ {
			p.Paths = append(p.Paths, cellPath{Class: cellNames[c]})
		}
	}
	for x := 0; x < len(row); {
		end := x + 1
		for end < len(row) && row[end] == row[x] {
			end++
		}
		if row[x] != untested {
			c := &p.Paths[row[x]-noServer]
			c.d = fmt.Appendf(c.d, "M%d %dh%d", x, y, end-x)
		}
		if row[x] == openCell && p.Wide {
			p.Rings = append(p.Rings, point{float64(x+end) / 2, float64(y) + .5})
		}
		x = end
	}
}

// maxRings is how many open cells are ringed: more of them are seen without.
const maxRings = 100

func (p *picture) finish() {
	p.Paths = slices.DeleteFunc(p.Paths, func(c cellPath) bool { return len(c.d) == 0 })
	if len(p.Rings) > maxRings {
		p.Rings = nil
	}
}

func (m *rangeMap) network(block netip.Prefix) networkRow {
	var n [openCell + 1]int
	for _, c := range m.blocks[block] {
		n[c]++
	}
	return networkRow{block.String(), n[openCell], n[inconclusiveCell], n[closedCell], n[noServer]}
}

// Text says in a sentence what the picture shows.
func (v rangeView) Text() string {
	var t networkRow
	for _, n := range v.Networks {
		t.Open += n.Open
		t.Inconclusive += n.Inconclusive
		t.Closed += n.Closed
		t.NoServer += n.NoServer
	}
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{{t.Open, "open"}, {t.Inconclusive, "inconclusive"}, {t.Closed, "closed"}, {t.NoServer, "without a mail server"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return fmt.Sprintf("%d addresses: %s", t.Open+t.Inconclusive+t.Closed+t.NoServer, strings.Join(parts, ", "))
}
