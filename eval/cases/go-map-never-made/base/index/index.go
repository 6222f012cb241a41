package index

// Index knows in which documents a word stands.
type Index struct {
	words map[string]map[string]int
}

// New makes an empty index.
func New() *Index {
	return &Index{words: map[string]map[string]int{}}
}

// Count answers how often the word stands in the document.
func (x *Index) Count(word, document string) int {
	return x.words[word][document]
}

// Add counts one more.
func (x *Index) Add(word, document string) {
	if x.words[word] == nil {
		x.words[word] = map[string]int{}
	}
	x.words[word][document]++
}
