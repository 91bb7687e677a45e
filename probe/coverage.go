package probe

// Coverage says how much of the question was asked.
type Coverage struct {
	Of       int    `json:"of"`                // vectors of the standard profile, or of a larger one if that was asked
	Asked    int    `json:"asked"`             // vectors that apply and were tried
	Answered int    `json:"answered"`          // of these, accepted or refused in every form they were asked in
	Skipped  []Skip `json:"skipped,omitempty"` // the vectors that do not apply here
}

// Skip is a vector that does not apply here, and why.
type Skip struct {
	Vector string `json:"vector"` // the id of the vector
	Why    string `json:"why"`    // why it does not apply
}

// Count counts the vectors of findings, each once.
func (c *Coverage) Count(findings []Finding) {
	for i := range findings {
		again, answered := false, true
		for j := range findings {
			if findings[j].Vector == findings[i].Vector {
				again = again || j < i
				answered = answered && findings[j].Outcome != OutcomeUnanswered
			}
		}
		if again {
			continue
		}
		c.Asked++
		if answered {
			c.Answered++
		}
	}
	c.Of = c.Asked + len(c.Skipped)
	c.Of = max(ofStandard, c.Of)
}

// ofStandard is how many vectors the default profile has.
var ofStandard = func() int {
	vectors, _ := Select("standard", false) // which there is
	return len(vectors)
}()
