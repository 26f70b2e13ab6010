"""Rules of search: what is indexed of a piece, what a query may say, how facets are named."""
