//! Tokens into a tree, operators by how tightly they bind.

use super::function::Function;
use super::lexer::{Token, tokens};
use super::tree::{Literal, Node, Operator, TypeName};
use super::{ParseError, ParseFault};
use crate::value::{Calendar, decimal_of};

/// Longer texts are refused, bytes.
const LENGTH: usize = 64 * 1024;
/// Brackets within brackets.
const NESTED: usize = 64;
/// Nodes on the way from the root of the tree to a leaf; the interpreter goes down as far.
const HEIGHT: usize = 160;
/// How tightly `is` and `as` bind.
const TYPED: u8 = 9;

type Parsed<T> = Result<T, (ParseFault, usize)>;

/// Reads a whole text.
pub(crate) fn parse(text: &str) -> Result<Node, ParseError> {
    let placed = |(fault, at)| ParseError { at, fault };
    if text.len() > LENGTH {
        return Err(placed((ParseFault::Length, LENGTH)));
    }
    let mut parser = Parser { tokens: tokens(text).map_err(placed)?, at: 0, nested: 0 };
    let tree = parser.expression(0).map_err(placed)?;
    match parser.peek() {
        Token::End => Ok(tree.node),
        _ => Err(placed(parser.expected("an operator or the end"))),
    }
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
    nested: usize,
}

/// A node and how high the tree below it is.
struct Tree {
    node: Node,
    height: usize,
}

impl Tree {
    const fn leaf(node: Node) -> Self {
        Self { node, height: 1 }
    }
}

impl Parser {
    fn peek(&self) -> &Token {
        // The last token is the end, which is never stepped over.
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn place(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |(_, at)| *at)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn is_mark(&self, mark: &str) -> bool {
        matches!(self.peek(), Token::Mark(found) if *found == mark)
    }

    fn accept(&mut self, mark: &str) -> bool {
        let found = self.is_mark(mark);
        self.at += usize::from(found);
        found
    }

    fn require(&mut self, mark: &str, what: &'static str) -> Parsed<()> {
        if self.accept(mark) { Ok(()) } else { Err(self.expected(what)) }
    }

    fn expected(&self, what: &'static str) -> (ParseFault, usize) {
        (ParseFault::Expected(what), self.place())
    }

    /// A node above others.
    fn above(&self, node: Node, heights: &[usize]) -> Parsed<Tree> {
        let height = heights.iter().max().copied().unwrap_or(0) + 1;
        if height > HEIGHT { Err((ParseFault::Depth, self.place())) } else { Ok(Tree { node, height }) }
    }

    fn expression(&mut self, least: u8) -> Parsed<Tree> {
        self.nested += 1;
        if self.nested > NESTED {
            return Err((ParseFault::Depth, self.place()));
        }
        let mut left = self.signed()?;
        while let Some(spelling) = self.operator() {
            if matches!(spelling.as_str(), "is" | "as") {
                if TYPED < least {
                    break;
                }
                self.at += 1;
                let (height, cast) = (left.height, spelling == "as");
                let node = Node::Typed { of: Box::new(left.node), name: self.type_name()?, cast };
                left = self.above(node, &[height])?;
                continue;
            }
            let Some((operator, binds)) = Operator::of(&spelling).filter(|(_, binds)| *binds >= least) else {
                break;
            };
            self.at += 1;
            let right = self.expression(binds + 1)?;
            let heights = [left.height, right.height];
            let node = Node::Binary { operator, left: Box::new(left.node), right: Box::new(right.node) };
            left = self.above(node, &heights)?;
        }
        self.nested -= 1;
        Ok(left)
    }

    fn operator(&self) -> Option<String> {
        match self.peek() {
            Token::Word(word) => Some(word.clone()),
            Token::Mark(mark) => Some((*mark).to_owned()),
            _ => None,
        }
    }

    fn signed(&mut self) -> Parsed<Tree> {
        let mut signs = Vec::new();
        while self.is_mark("-") || self.is_mark("+") {
            signs.push(self.is_mark("-"));
            self.at += 1;
            if signs.len() > NESTED {
                return Err((ParseFault::Depth, self.place()));
            }
        }
        let mut tree = self.steps()?;
        for negative in signs.into_iter().rev() {
            let of = Box::new(tree.node);
            let node = if negative { Node::Negative(of) } else { Node::Positive(of) };
            tree = self.above(node, &[tree.height])?;
        }
        Ok(tree)
    }

    /// A term and what follows it: `.member`, `.function()`, `[index]`.
    fn steps(&mut self) -> Parsed<Tree> {
        let mut tree = self.term()?;
        loop {
            if self.accept(".") {
                tree = match self.next() {
                    Token::Special(name) => {
                        self.at -= 1;
                        return Err((
                            ParseFault::Expected(if name.is_empty() { "a name" } else { "a member" }),
                            self.place(),
                        ));
                    }
                    Token::Word(name) => self.invocation(Some(tree), name, true)?,
                    Token::Name(name) => self.invocation(Some(tree), name, false)?,
                    _ => {
                        self.at -= 1;
                        return Err(self.expected("a member or a function"));
                    }
                };
            } else if self.accept("[") {
                let index = self.expression(0)?;
                self.require("]", "a closing bracket")?;
                let heights = [tree.height, index.height];
                let node = Node::At { from: Box::new(tree.node), index: Box::new(index.node) };
                tree = self.above(node, &heights)?;
            } else {
                return Ok(tree);
            }
        }
    }

    fn term(&mut self) -> Parsed<Tree> {
        let token = self.next();
        Ok(Tree::leaf(match token {
            Token::Mark("(") => {
                let inner = self.expression(0)?;
                self.require(")", "a closing bracket")?;
                return Ok(inner);
            }
            Token::Mark("{") => {
                self.require("}", "a closing brace")?;
                Node::Empty
            }
            Token::Text(text) => Node::Literal(Literal::Text(text.into())),
            Token::Temporal(temporal) => Node::Literal(Literal::Temporal(temporal)),
            Token::Integer(value) => match self.unit() {
                Some((unit, calendar)) => {
                    Node::Literal(Literal::Quantity { value: decimal_of(value), unit, calendar })
                }
                None => Node::Literal(Literal::Integer(value)),
            },
            Token::Decimal(value) => match self.unit() {
                Some((unit, calendar)) => Node::Literal(Literal::Quantity { value, unit, calendar }),
                None => Node::Literal(Literal::Decimal(value)),
            },
            Token::Variable(name) => Node::Variable(name.into()),
            Token::Special(name) => match name.as_str() {
                "this" => Node::This,
                "index" => Node::Index,
                "total" => Node::Total,
                _ => {
                    self.at -= 1;
                    return Err(self.expected("$this, $index or $total"));
                }
            },
            Token::Word(word) if word == "true" || word == "false" => {
                Node::Literal(Literal::Boolean(word == "true"))
            }
            Token::Word(word) if !is_reserved(&word) => return self.invocation(None, word, true),
            Token::Name(name) => return self.invocation(None, name, false),
            _ => {
                self.at -= 1;
                return Err(self.expected("a term"));
            }
        }))
    }

    /// The unit behind a number.
    fn unit(&mut self) -> Option<(Box<str>, Option<Calendar>)> {
        let unit = match self.peek() {
            Token::Text(unit) => (unit.as_str().into(), None),
            Token::Word(word) => {
                let calendar = Calendar::named(word)?;
                (calendar.name().into(), Some(calendar))
            }
            _ => return None,
        };
        self.at += 1;
        Some(unit)
    }

    /// A member, or a function when a bracket follows its bare name.
    fn invocation(&mut self, from: Option<Tree>, name: String, bare: bool) -> Parsed<Tree> {
        let (from, height) = match from {
            Some(tree) => (Some(Box::new(tree.node)), tree.height),
            None => (None, 0),
        };
        if !bare || !self.is_mark("(") {
            return self.above(Node::Member { from, name: name.into() }, &[height]);
        }
        let start = self.place();
        self.at += 1;
        let Some((function, taken)) = Function::named(&name) else {
            return Err((ParseFault::Function(name.chars().take(64).collect()), start));
        };
        let (mut arguments, mut heights) = (Vec::new(), vec![height]);
        if !self.accept(")") {
            loop {
                let argument = if matches!(function, Function::Is | Function::As | Function::OfType) {
                    Tree::leaf(Node::Type(self.type_name()?))
                } else {
                    self.expression(0)?
                };
                heights.push(argument.height);
                arguments.push(argument.node);
                if !self.accept(",") {
                    break;
                }
            }
            self.require(")", "a comma or a closing bracket")?;
        }
        if !taken.contains(&arguments.len()) {
            return Err((ParseFault::Arguments(function.name()), start));
        }
        let pattern = has_pattern(function, &arguments).then(Box::default);
        self.above(Node::Call { from, function, arguments, pattern }, &heights)
    }

    fn type_name(&mut self) -> Parsed<TypeName> {
        let first = self.name()?;
        if self.is_mark(".") && matches!(&*first, "FHIR" | "System") {
            self.at += 1;
            return Ok(TypeName { namespace: Some(first), name: self.name()? });
        }
        Ok(TypeName { namespace: None, name: first })
    }

    fn name(&mut self) -> Parsed<Box<str>> {
        match self.next() {
            // Names of types were once written as texts too.
            Token::Word(name) | Token::Name(name) | Token::Text(name) => Ok(name.into()),
            _ => {
                self.at -= 1;
                Err(self.expected("the name of a type"))
            }
        }
    }
}

/// Whether its regular expression is the same at every call.
fn has_pattern(function: Function, arguments: &[Node]) -> bool {
    let (flags, takes) = match function {
        Function::Matches | Function::MatchesFull => (arguments.get(1), true),
        Function::ReplaceMatches => (arguments.get(2), true),
        _ => (None, false),
    };
    takes && flags.is_none() && matches!(arguments.first(), Some(Node::Literal(Literal::Text(_))))
}

/// Words that are operators and begin no term.
fn is_reserved(word: &str) -> bool {
    matches!(word, "div" | "mod" | "and" | "or" | "xor" | "implies")
}
