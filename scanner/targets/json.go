package targets

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"openrelay/probe"
)

// Programs write JSON alike, and one reader reads it all. The rows differ in their names.
var (
	masscanJSON = ListForm{
		Name:  "masscan -oJ",
		About: "the open TCP ports",
		Sample: "[\n" +
			`{   "ip": "192.0.2.25",   "timestamp": "1796029200", "ports": [ {"port": 25, "proto": "tcp", "status": "open", "reason": "syn-ack", "ttl": 64} ] }` + "\n,\n" +
			`{   "ip": "192.0.2.26",   "timestamp": "1796029201", "ports": [ {"port": 587, "proto": "tcp", "status": "open", "reason": "syn-ack", "ttl": 64} ] }` + "\n,\n" +
			`{   "ip": "192.0.2.25",   "timestamp": "1796029203", "ports": [ {"port": 25, "proto": "tcp", "service": {"name": "smtp", "banner": "220 mail.example.org ESMTP\u000d\u000a250 HELP"} } ] }` + "\n]\n",
		looks: jsonWith(`"ports": [ {"port":`),
		read:  readJSON,
	}
	masscanLines = ListForm{
		Name:  "masscan -oD",
		About: "the open TCP ports",
		Sample: `{"ip":"192.0.2.25","timestamp":"1796029200","port":25,"proto":"tcp","rec_type":"status","data":{"status":"open","reason":"syn-ack","ttl":64}}` + "\n" +
			`{"ip":"192.0.2.25","timestamp":"1796029200","port":465,"proto":"tcp","rec_type":"status","data":{"status":"closed","reason":"rst-ack","ttl":64}}` + "\n" +
			`{"ip":"192.0.2.26","timestamp":"1796029203","port":587,"proto":"tcp","rec_type":"banner","data":{"service_name":"smtp","banner":"220 mail.example.org ESMTP\u000d\u000a250 HELP"}}` + "\n",
		looks: jsonWith(`"rec_type":`),
		read:  readJSON,
	}
	savedResults = ListForm{
		Name:  "openrelay jsonl",
		About: "the targets of saved results, to test them again",
		Sample: `{"type":"result","schema":1,"target":"192.0.2.25:25","name":"mail.example.org","named":true,"optional":true,"verdict":"closed","reason":"relay-denied"}` + "\n" +
			`{"type":"result","schema":1,"target":"198.51.100.7:2525","named":false,"verdict":"open","reason":"plain"}` + "\n" +
			`{"type":"result","schema":1,"target":"backup.example.org:25","name":"backup.example.org","named":true,"verdict":"unreachable","reason":"dns"}` + "\n",
		looks: jsonWith(`"type":"result"`),
		read:  readJSON,
	}
	jsonList = ListForm{
		Name:  "JSON",
		About: "of naabu, zmap, zgrab2 and others: ip or host, port",
		Note: "Objects in an array, or one after the other. What is in ip, saddr or address was found by a port scanner; host, hostname, target and " +
			"domain are names. Ports are in port, sport or ports; those that are not TCP, or not open, are left out. A domain beside an " +
			"address or a name is one whose mail the server takes; a name beside an address is not read.",
		Sample: `{"host":"mail.example.org","ip":"192.0.2.25","timestamp":"2026-11-30T09:00:00Z","port":25,"protocol":"tcp","tls":false}` + "\n" +
			`{"saddr":"192.0.2.26","sport":587,"classification":"synack","success":1}` + "\n" +
			`{"ip":"192.0.2.27","domain":"example.net","data":{"smtp":{"status":"success","protocol":"smtp"}}}` + "\n" +
			`{"host": "backup.example.org", "ports": [25, 2525]}` + "\n",
		looks: jsonWith(""),
		read:  readJSON,
	}
)

// jsonWith recognises JSON that says something early on. A list of targets may begin with a bracket too, that of an
// IPv6 address.
func jsonWith(what string) func(head string) bool {
	return func(head string) bool {
		begin := strings.TrimLeft(head, jsonBetween)
		rest, isArray := strings.CutPrefix(begin, "[")
		if isArray {
			rest = strings.TrimLeft(rest, jsonBetween)
		}
		looks := strings.HasPrefix(rest, "{") || isArray && (rest == "" || strings.ContainsRune("]\"[", rune(rest[0])))
		return looks && strings.Contains(head, what)
	}
}

// jsonBetween is what may stand between objects. Old versions of masscan write a comma behind the last one.
const jsonBetween = " \t\r\n,\x1e"

func readJSON(t *text) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		for object, err := range t.objects() {
			if err != nil {
				if !yield(entry{word: object}, err) {
					return
				}
				continue
			}
			for e, err := range readObject(object) {
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

// objects are those of a text, each where it begins. The text is an array of them, or has them one after the other.
func (t *text) objects() iter.Seq2[word, error] {
	return func(yield func(word, error) bool) {
		s := jsonScanner{name: t.name, line: 1}
		for {
			c, err := t.ReadByte()
			if err != nil {
				if err == io.EOF {
					err = nil
				}
				if err = t.failed(err); err != nil {
					yield(word{}, err)
				} else if w := s.at(s.line); s.array || s.depth > 0 {
					yield(w, w.errorf(howTargets, breaksOff))
				}
				return
			}
			if w, err := s.next(c); (w.where != "" || err != nil) && !yield(w, err) {
				return
			}
		}
	}
}

// jsonScanner finds where objects begin and end. What they hold it leaves to encoding/json.
type jsonScanner struct {
	name        string
	line        int
	array       bool // it has begun
	object      []byte
	begin       int // its line
	depth       int // braces and brackets within the object, 0 outside
	quoted, esc bool
	skip        bool // the rest of a bad line
}

func (s *jsonScanner) at(line int) word { return word{where: fmt.Sprintf("%s:%d", s.name, line)} }

// next takes one byte, and returns the object that ends with it.
func (s *jsonScanner) next(c byte) (w word, err error) {
	if c == '\n' {
		s.line++
		s.skip = false
	}
	switch {
	case s.depth > 0:
		return s.within(c)
	case s.skip || strings.IndexByte(jsonBetween, c) >= 0:
	case c == '{':
		s.object, s.begin, s.depth = append(s.object[:0], c), s.line, 1
	case c == '[' && !s.array:
		s.array = true
	case c == ']':
		s.array = false
	default:
		s.skip, s.array = true, false
		w = s.at(s.line)
		err = w.errorf(howTargets, "is no object of JSON")
	}
	return w, err
}

func (s *jsonScanner) within(c byte) (w word, err error) {
	s.object = append(s.object, c)
	switch {
	case len(s.object) > maxRecord:
		s.depth, s.quoted, s.esc, s.skip = 0, false, false, true
		w = s.at(s.begin)
		return w, w.errorf(howTargets, "%s", errRecord)
	case s.esc:
		s.esc = false
	case s.quoted && c == '\\':
		s.esc = true
	case s.quoted && c == '\n': // no text of JSON has one: the line breaks off
		s.depth, s.quoted = 0, false
		w = s.at(s.begin)
		return w, w.errorf(howTargets, "is no whole object of JSON")
	case c == '"':
		s.quoted = !s.quoted
	case s.quoted:
	case c == '{' || c == '[':
		s.depth++
	case c == '}' || c == ']':
		s.depth--
	}
	if s.depth == 0 {
		w = s.at(s.begin)
		w.text = string(s.object)
	}
	return w, nil
}

// fields are those of an object.
type fields map[string]any

// text is the first of the keys that holds one.
func (f fields) text(keys ...string) string {
	for _, key := range keys {
		if text, ok := f[key].(string); ok && text != "" {
			return text
		}
	}
	return ""
}

// domain is whose mail the server takes. What programs write there that is no domain says nothing.
func (f fields) domain() string {
	domain := f.text("domain")
	if !isName(domain) {
		return ""
	}
	return fold(domain)
}

// lower makes nothing of upper case in keys: "Port" is no other than "port".
func (f fields) lower() {
	for key, value := range f {
		if lower := strings.ToLower(key); f[lower] == nil {
			f[lower] = value
		}
	}
}

// readObject reads what one object names. Nothing of it is quoted but what stands where a target does.
func readObject(w word) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		var f fields
		in := json.NewDecoder(strings.NewReader(w.text))
		in.UseNumber()
		if err := in.Decode(&f); err != nil {
			if strings.Join(strings.Fields(w.text), "") != "{finished:1}" { // the end of old versions of masscan
				w.text = ""
				yield(entry{word: w}, w.errorf(howTargets, "is no object of JSON"))
			}
			return
		}
		w.text = ""
		f.lower()
		_, versioned := f["schema"]
		kind, typed := f["type"].(string)
		if typed && (versioned || kind == probe.ResultType) {
			yield(w.result(f, kind))
		} else {
			w.record(f, yield)
		}
	}
}

// result is the target of a saved result. A port that nobody named is again one of the usual ones.
func (w word) result(f fields, kind string) (e entry, err error) {
	w.domain = f.domain()
	e = entry{word: w}
	if kind != probe.ResultType {
		e.text = kind
		return e, w.errorf(howTargets, "holds records of the type %q, not results", kind)
	}
	e.text = f.text("target")
	if !e.telling() {
		return entry{word: w}, w.errorf(howTargets, "is a result without a target")
	}
	if e.spec, err = e.parseListed(); err != nil {
		return e, err
	}
	if f["optional"] == true {
		e.port = 0
	}
	if f["named"] != true && len(e.addrs) == 1 {
		port := ""
		if e.port != 0 {
			port = strconv.Itoa(int(e.port))
		}
		return found(w, e.addrs[0].String(), port)
	}
	return e, nil
}

// record yields what the object of another program names.
func (w word) record(f fields, yield func(entry, error) bool) {
	ports, given, err := f.ports()
	if err != nil {
		yield(entry{word: w}, w.errorf(howTargets, "%v", err))
		return
	}
	if !given {
		ports = []string{""}
	}
	for _, port := range ports {
		e, err := w.recorded(f, port)
		if !yield(e, err) || err != nil {
			return
		}
	}
}

func (w word) recorded(f fields, port string) (e entry, err error) {
	e = entry{word: w}
	if addr := f.text("ip", "saddr", "address"); addr != "" {
		if e.text = addr; !e.telling() {
			return entry{word: w}, w.errorf(howTargets, "holds something else where an address belongs")
		}
		if e, err = found(w, addr, port); err == nil {
			err = e.takesMailFor(f.domain())
		}
		return e, err
	}
	domain := f.domain()
	if e.text = f.text("host", "hostname", "target"); e.text == "" {
		e.text, domain = f.text("domain"), ""
	}
	if e.text == "" {
		return e, w.errorf(howTargets, "has no ip, saddr, address, host, hostname, target or domain")
	}
	if e.spec, err = e.parseListed(); err != nil && !e.telling() {
		return entry{word: w}, w.errorf(howTargets, "holds something else where a host belongs")
	}
	if number, ok := portNumber(port); ok {
		e.port = number
	}
	if err == nil {
		err = e.takesMailFor(domain)
	}
	return e, err
}

// ports are the open TCP ports of an object, and whether it says anything of ports.
func (f fields) ports() (ports []string, given bool, err error) {
	if no := f["success"]; no == false || no == json.Number("0") { // zmap
		return nil, true, nil
	}
	for _, key := range []string{"port", "sport", "ports"} {
		if f[key] == nil {
			continue
		}
		if !f.open() {
			return nil, true, nil
		}
		ports, err = portsOf(f[key])
		return ports, true, err
	}
	return nil, false, nil
}

// open reports whether nothing is said against a port being TCP, and open: by what leaves out a row of a table.
func (f fields) open() bool {
	proto, state := f.text("proto", "protocol"), f.text("state", "status")
	if data, ok := f["data"].(map[string]any); ok && f["rec_type"] != nil { // masscan -oD
		state = fields(data).text("status")
	}
	return !leaves("protocol", proto) && !leaves("state", state)
}

// portsOf reads a number, an object that has one, or an array of them.
func portsOf(value any) (ports []string, err error) {
	switch v := value.(type) {
	case json.Number:
		return validPort(v.String())
	case string:
		return validPort(v)
	case []any:
		for _, one := range v {
			more, err := portsOf(one)
			if err != nil {
				return nil, err
			}
			ports = append(ports, more...)
		}
		return ports, nil
	case map[string]any:
		fields(v).lower() // naabu 2.1
		if !fields(v).open() {
			return nil, nil
		}
		return portsOf(v["port"])
	}
	return validPort("")
}

func validPort(text string) ([]string, error) {
	if _, ok := portNumber(text); !ok {
		return nil, errNoPort
	}
	return []string{text}, nil
}

var errNoPort = errors.New("has a port that is no number from 1 to 65535")

func portNumber(text string) (uint16, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return uint16(n), err == nil && n > 0
}
