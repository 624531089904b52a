"""Expressions of the golden corpus; each is rendered as `[{{ expression }}]`."""

CONTEXT = {
    "n": 7, "m": -3, "zero": 0, "pi": 3.14159, "big": 1e20, "tiny": 1.5e-7, "yes": True, "no": False, "nil": None,
    "s": "Hello World", "u": "naïve café 日本語 😀 e\u0301", "sp": "  \t padded \n ", "empty": "", "digits": "0042",
    "words": "the quick  brown\tfox\njumps", "csv": "a,b,,c,", "lines": "one\r\ntwo\nthree\n\nfive",
    "quote": "it's \"quoted\" \\ back", "html": "<b>bold</b> & 'x'", "ctl": "<|im_end|>",
    "xs": [3, 1, 2], "ys": ["b", "A", "c", "a"], "nested": [[1, 2], [3, [4, 5]]], "none_list": [],
    "mixed": [1, "two", 3.0, None, True, ["x"], {"k": "v"}],
    "d": {"b": 1, "a": 2, "C": 3}, "deep": {"a": {"b": {"c": [10, 20, {"z": "end"}]}}}, "ed": {},
    "clash": {"items": "my items", "keys": 5, "get": "g", "values": [1]},
    "users": [
        {"name": "Ann", "age": 31, "tags": ["x", "y"], "active": True},
        {"name": "bob", "age": 25, "tags": [], "active": False, "boss": {"name": "Ann"}},
        {"name": "Cid", "age": 31, "active": True},
        {"name": "ann", "age": 25, "tags": ["z"], "boss": {"name": "Cid"}},
    ],
    "floats": [1.0, 2.5, -0.0, 1e16, 1e15, 123456789.123, 1e-4, 1e-5, 5e-324, 1.7976931348623157e308, 0.1, 100.0],
    "messages": [
        {"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello!", "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1}}}]},
    ],
}

EXPRESSIONS = r"""
1
1.0
-5
+5
- -5
1_000
0x1F
0b101
0o17
00
1e3
1.5e-3
2E5
1_0.5_0
9223372036854775807
true
True
false
False
none
None
'single'
"double"
'esc \n \t \\ \' \" \x41 \u00e9 \U0001F600 \101 \q'
'adjacent' "strings" 'join'
()
(1,)
(1, 2)
1, 2
[]
[1, 'a', none, true, 1.5]
[1, 2,]
{}
{'a': 1, "b": [2]}
{'a': 1,}
{1: 'one', 1.5: 'x', none: 'n', true: 't', (1, 2): 'tuple'}
{'a': 1, 'a': 2}
{1: 'int', 1.0: 'float', true: 'bool'}
1 + 2
1 + 2.5
1 - 5
3 * 4
7 / 2
6 / 2
7 // 2
-7 // 2
7 // -2
-7 // -2
7.5 // 2
-7.5 // 2
7 % 3
-7 % 3
7 % -3
-7 % -3
7.5 % 2
-7.5 % 2
5.0 % -3
0.0 % 3
2 ** 10
2 ** -1
2 ** 3 ** 2
-2 ** 2
2 ** 0.5
0 ** 0
(-1) ** 1001
1 ** 999999999999
1 / 0
1 // 0
1 % 0
1.0 / 0
1.5 // 0.0
1.5 % 0.0
0 ** -1
0.0 ** -1
10.0 ** 400
1 + 2 * 3
(1 + 2) * 3
2 * 3 % 4
2 + 3 ~ 4
2 * 3 ~ 4 * 5
1 ~ 2 + 3
"a" ~ "b" ~ 1 ~ none ~ 1.0 ~ true
undef ~ 'x'
"a" + "b"
"a" * 3
3 * "ab"
"a" * 0
"a" * -1
"a" * true
[1] * 3
2 * [1, 2]
(1, 2) * 2
[1] + [2]
(1,) + (2,)
[1] + (2,)
"a" + 1
1 + "a"
"a" - "b"
none + 1
[1] - [1]
true + true
true * 5
true / 2
-true
+true
-'a'
+none
not true
not not 1
not ''
not 'a'
not []
not none
not undef
1 < 2
2 < 1
1 <= 1
1 < 2 < 3
1 < 3 < 2
3 > 2 > 1
1 == 1.0
1 == true
'a' == 'a'
'a' == 1
none == false
0 == false
[1, 2] == [1, 2]
[1, 2] == (1, 2)
{'a': 1, 'b': 2} == {'b': 2, 'a': 1}
1 != 2
'a' < 'b'
'Z' < 'a'
'é' > 'z'
'😀' > '\uffff'
[1, 2] < [1, 3]
[1] < [1, 0]
(1, 'a') < (1, 'b')
[1, 2] <= [1, 2]
1 < 'a'
none < 1
none < none
[1] < ['a']
{} < {}
1 in [1, 2]
3 in [1, 2]
3 not in [1, 2]
not 3 in [1, 2]
'ell' in s
'xyz' in s
'' in s
'a' in d
'z' not in d
1 in 'abc'
1 in 5
none in [none]
1 in (1, 2)
[1] in d
undef in [1]
'a' in undef
undef in 'abc'
true and 'x'
'' and 'x'
0 or 'x'
'a' or 'b'
none or 0 or ''
false or none
1 and 2 and 3
1 and 0 and undef_fn()
1 or undef_fn()
'yes' if true else 'no'
'yes' if false else 'no'
'yes' if false
('yes' if false) is defined
'a' if no else 'b' if yes else 'c'
'a' if no else 'b' if no else 'c'
1 if 2 > 1 and not no else 2
(1 if yes else 2) + 3
undef
undef is defined
undef is undefined
undef.attr
undef['x']
undef()
undef + 1
undef == undef
undef == none
undef == ''
undef < 1
-undef
undef|length
undef|list
undef|upper
undef|default('d')
undef|string
s.undef
s.undef.more
d.missing
d.missing.more
d.missing is defined
d['missing']
d.a
d['a']
d.C
deep.a.b.c[2].z
deep['a']['b']['c'][0]
deep.a.b.c.0
deep.a.b.c.2.z
deep.a.b['c'][-1]['z']
xs[0]
xs[-1]
xs[3]
xs[-4]
xs[true]
xs['0']
xs['length']
xs.foo
xs[1.0]
xs[none]
s[0]
s[-1]
s[100]
s['upper']
u[8]
u[11:]
u[::-1]
u|length
n.foo
n[0]
nil.foo
nil[0]
nil['foo']
yes.foo
xs[1:]
xs[:2]
xs[:-1]
xs[-2:]
xs[::2]
xs[::-1]
xs[1:1]
xs[5:]
xs[-100:100]
xs[2:0:-1]
xs[:0:-1]
xs[none:none]
xs[none:2:none]
xs['a':]
xs[1.5:]
xs[::0]
s[::0]
s[2:5]
s[:5]
s[-5:]
s[::3]
s[::-1]
s[10:2:-2]
s[1:]
s[:-1]
(1, 2, 3)[1:]
(1, 2, 3)[0]
d[1:2]
n[1:2]
messages[0].role
messages[0]['role']
messages[1:]
messages[1:][0].content
messages[::-1][0].role
messages[-1].tool_calls[0].function.arguments
messages[-1].tool_calls is defined
messages[0].tool_calls is defined
clash.items
clash['items']
clash.keys
clash.get
clash['get']
clash.values
d.items()
d.keys()
d.values()
d.items()|list
d.keys()|list
d.get('a')
d.get('zz')
d.get('zz', 'dflt')
d.get('zz', default='x')
d.get()
d.copy()
d.pop('a')
d.update({})
d.setdefault('q', 1)
d.__class__
xs.append(1)
xs.index(2)
xs.index(9)
xs.count(1)
xs.copy()
xs.sort()
(1, 2).index(2)
(1, 2).count(5)
d|length
s|length
xs|length
n|length
none|length
d.items()|length
s.upper()
s.lower()
s.title()
s.capitalize()
s.swapcase()
u.upper()
u.title()
u.capitalize()
'ß'.upper()
'ΑΣ ΟΔΟΣ'.lower()
'ǆ'.title()
'ﬁx'.capitalize()
"they're bill's".title()
"they're bill's-own (and) [x] {y} <z>"|title
sp.strip()
sp.lstrip()
sp.rstrip()
sp.strip('\n ')
'xxaxx'.strip('x')
'xyaxy'.lstrip('yx')
'abc'.rstrip('')
'abc'.strip(none)
'\u00a0\u2003x\u3000'.strip()
'\x1cx\x1f'.strip()
words.split()
words.split(' ')
words.split(none)
words.split(none, 1)
words.split(maxsplit=2)
words.rsplit(none, 1)
words.rsplit(none, 2)
csv.split(',')
csv.split(',', 1)
csv.rsplit(',', 1)
csv.rsplit(',', 2)
csv.split(',,')
csv.split('')
'aaa'.split('aa')
'aaa'.rsplit('aa')
''.split()
''.split(',')
'   '.split()
'a'.split(1)
csv.partition(',')
csv.rpartition(',')
csv.partition('zz')
csv.rpartition('zz')
'a--b'.partition('--')
lines.splitlines()
lines.splitlines(true)
'a\x0bb\x0cc\x85d\u2028e'.splitlines()
''.splitlines()
s.startswith('Hell')
s.startswith('x')
s.startswith(('x', 'He'))
s.startswith('World', 6)
s.startswith('Wor', 6, 8)
s.startswith('')
s.startswith('', 100)
s.startswith(1)
s.startswith(['H'])
s.endswith('World')
s.endswith(('x', 'ld'))
s.endswith('o', 0, 5)
s.find('o')
s.find('o', 5)
s.find('zz')
s.find('')
s.find('', 50)
s.find('o', -4)
s.rfind('o')
s.rfind('')
u.find('日')
u.rfind('é')
s.index('W')
s.index('zz')
s.rindex('o')
s.count('l')
s.count('')
'aaaa'.count('aa')
s.count('l', 4)
s.replace('o', '0')
s.replace('o', '0', 1)
s.replace('', '-')
s.replace('', '-', 3)
s.replace('zz', 'y')
s.replace('o', '')
s.replace(1, 2)
s.replace('a')
'-'.join(ys)
''.join([])
','.join('abc')
','.join([1])
','.join(d)
s.center(21, '*')
s.center(20, '*')
'abc'.center(6, '*')
'abcd'.center(7, '*')
s.ljust(15, '.')
s.rjust(15, '.')
s.ljust(3)
s.ljust(15, 'ab')
digits.zfill(8)
'-42'.zfill(6)
'+42'.zfill(2)
'a\tb\tc'.expandtabs(4)
'a\tb'.expandtabs()
'hello'.removeprefix('he')
'hello'.removesuffix('lo')
'hello'.removeprefix('x')
'hello'.removesuffix('')
s.isalpha()
'abc'.isalpha()
'abc1'.isalnum()
'123'.isdigit()
'²'.isdigit()
'½'.isnumeric()
'٣'.isdecimal()
''.isdigit()
''.isascii()
'é'.isascii()
'abc'.islower()
'aBc'.islower()
'ABC1'.isupper()
'1'.isupper()
'Hello World'.istitle()
'Hello world'.istitle()
' \t'.isspace()
'a b'.isprintable()
'a\n'.isprintable()
'abc_1'.isidentifier()
'1abc'.isidentifier()
s.nosuch()
s.format_map
'{} and {}'.format(1, 'x')
'{0} {1} {0}'.format('a', 'b')
'{a} {b}'.format(a=1, b=2)
'{0.a} {0[b]}'.format(d)
'{0[0]}'.format(xs)
'{!r} {!s}'.format('q', 'q')
'{:>5}|{:<5}|{:^5}'.format('a', 'b', 'c')
'{:*^9}'.format('mid')
'{:05d}'.format(42)
'{:+d} {: d}'.format(5, 5)
'{:x} {:X} {:o} {:b}'.format(255, 255, 8, 5)
'{:#x} {:#b}'.format(255, 5)
'{:,}'.format(1234567)
'{:_}'.format(1234567)
'{:.2f}'.format(3.14159)
'{:10.3f}|'.format(3.14159)
'{:e}'.format(12345.678)
'{:g}'.format(0.00001234)
'{:%}'.format(0.256)
'{:.1%}'.format(0.256)
'{:.3}'.format('abcdef')
'{:.3}'.format(3.14159)
'{{}} {}'.format(1)
'{:{}}|'.format('x', 5)
'{} {1}'.format(1, 2)
'{'.format()
'}'.format()
'{}'.format()
'{x}'.format()
'{:d}'.format('a')
'{:s}'.format(1)
'{:c}'.format(65)
'%s and %s' % ('a', 'b')
'%s' % 'x'
'%d items' % 5
'%5d|%-5d|%05d' % (1, 2, 3)
'%.2f' % 3.14159
'%8.3f|' % 2.5
'%x %X %o %#x' % (255, 255, 8, 255)
'%e %g' % (12345.678, 0.0001)
'%r' % 'q'
'%%' % ()
'%s' % [1, 2]
'%s %s' % ('a',)
'%s' % ('a', 'b')
'%(a)s %(b)d' % {'a': 'x', 'b': 3}
'%(zz)s' % {'a': 1}
'%d' % 'x'
'%d' % 3.9
'%c%c' % (65, 'z')
'%+d % d' % (3, 3)
'%*d' % (5, 42)
'%.3s|' % 'abcdef'
'%10s|%-10s|' % ('r', 'l')
'%q' % 1
'%' % 1
'%s'|format('x')
'%s %s'|format('a', 'b')
'%(k)s'|format(k='v')
'%s'|format('a', k='v')
s|upper
s|lower
s|capitalize
s|title
sp|trim
'xxaxx'|trim('x')
n|trim
n|string
nil|string
nil|map("upper")|list
nil|select|list
zero|selectattr("x")|list
no|map(attribute="x")|join
n|map("upper")|list
n|upper
s|replace('o', '0')
s|replace('l', 'L', 2)
n|replace(7, 8)
s|center(21)
s|reverse
xs|reverse
xs|reverse|list
d|reverse|list
'a b'|wordcount
"don't stop, it's 5pm"|wordcount
html|e
html|escape
html|safe
html|safe|e
html|forceescape
(html|safe) + '<i>'
'<i>' + (html|safe)
(html|safe) ~ '<i>'
(html|safe).upper() + '<'
html|striptags
'<p>a <!-- c --> b</p>  c &amp; d'|striptags
(html|safe)|replace('<', '[')
html|urlencode
'a b/c?d=é'|urlencode
{'a b': 'c d', 'e': 1}|urlencode
[('a', 1), ('b', '/')]|urlencode
'x'|indent
'a\nb\n\nc'|indent
'a\nb\n\nc'|indent(2)
'a\nb\n\nc'|indent(2, true)
'a\nb\n\nc'|indent(2, true, true)
'a\nb\n\nc\n'|indent(2, blank=true)
'a\nb'|indent('> ')
'a\nb'|indent(width=1, first=true)
'hello world foo bar'|truncate(10)
'hello world foo bar'|truncate(10, true)
'hello world foo bar'|truncate(10, false, '…')
'hello world foo bar'|truncate(11, leeway=0)
'hello world'|truncate(10)
'hello world'|truncate(2)
'helloworldfoobarbaz'|truncate(10)
n|abs
m|abs
-2.5|abs
'a'|abs
'42'|int
'42.9'|int
'abc'|int
'abc'|int(7)
'abc'|int(default=8)
'0x1f'|int(base=16)
'1f'|int(0, 16)
'0b11'|int(0, 2)
'0x1f'|int(0, 0)
' 12 '|int
'1_000'|int
'-5'|int
3.99|int
-3.99|int
none|int
[]|int(5)
true|int
'1e3'|int
'inf'|int
undef|int
'3.5'|float
'abc'|float
'abc'|float(1.5)
5|float
'1e5'|float
'.5'|float
'5.'|float
' -2.5e-3 '|float
'inf'|float
'nan'|float
'1_0.0'|float
none|float
2.5|round
3.5|round
2.567|round(2)
2.5|round(0, 'ceil')
2.5|round(0, 'floor')
-2.5|round
2.123|round(2, 'ceil')
42|round
1234|round(-2)
1250|round(-2)
1350|round(-2)
2.675|round(2)
0.125|round(2)
1e20|round
'a'|round
1.5|round(0, 'bad')
1|filesizeformat
999|filesizeformat
1000|filesizeformat
1234567|filesizeformat
1234567|filesizeformat(true)
1e30|filesizeformat
floats
floats|map('string')|list
1e16
1e15
123456789012345678.0
1e-4
0.00001
-0.0
1e22
1.0e5
1e308 * 10
-1e308 * 10
(1e308 * 10) - (1e308 * 10)
pi
big
tiny
xs|first
xs|last
none_list|first
none_list|last
none_list|first is defined
s|first
s|last
d|first
d|last
xs|list
s|list
d|list
xs|join
xs|join(', ')
ys|join('-')
users|join(', ', attribute='name')
users|join(', ', 'age')
d|join(',')
mixed|join('|')
none|join
undef|join
xs|sum
floats[:2]|sum
users|sum(attribute='age')
users|sum('age', 100)
nested|sum(start=[])
ys|sum
xs|min
xs|max
ys|min
ys|max
ys|min(true)
ys|max(case_sensitive=true)
none_list|min
users|min(attribute='age')
users|max(attribute='name')
xs|sort
xs|sort(reverse=true)
xs|sort(true)
ys|sort
ys|sort(case_sensitive=true)
users|sort(attribute='age')|map(attribute='name')|list
users|sort(attribute='age,name')|map(attribute='name')|list
users|sort(true, attribute='age')|map(attribute='name')|list
mixed|sort
d|sort
d|dictsort
d|dictsort(true)
d|dictsort(false, 'value')
d|dictsort(reverse=true)
d|dictsort(by='nope')
xs|dictsort
['a', 'A', 'b', 'a']|unique|list
['a', 'A', 'b', 'a']|unique(true)|list
users|unique(attribute='age')|map(attribute='name')|list
[1, 1.0, true, 2]|unique|list
[[1], [1]]|unique|list
users|groupby('age')|map('first')|list
users|groupby('age')|map(attribute='grouper')|list
users|groupby('age')|map(attribute='list')|map('length')|list
users|groupby('name')|map('first')|list
users|groupby('name', case_sensitive=true)|map('first')|list
users|groupby('boss.name', default='none')|map('first')|list
users|map(attribute='name')|list
users|map(attribute='boss.name')|list
users|map(attribute='boss.name', default='-')|list
users|map(attribute='tags')|list
users|map(attribute='tags.0', default='?')|list
ys|map('upper')|list
ys|map('replace', 'a', 'X')|list
ys|map('default', 'x')|list
xs|map('string')|join('+')
xs|map('nosuch')|list
xs|map|list
xs|map('upper', foo=1)|list
nested|map('length')|list
nested|map('first')|list
nested|map(attribute=0)|list
xs|select|list
[0, 1, '', 'a', none]|select|list
[0, 1, '', 'a', none]|reject|list
xs|select('odd')|list
xs|reject('odd')|list
xs|select('gt', 1)|list
xs|select('in', [1, 2])|list
xs|select('divisibleby', 3)|list
xs|select('nosuch')|list
users|selectattr('active')|map(attribute='name')|list
users|rejectattr('active')|map(attribute='name')|list
users|selectattr('age', 'equalto', 25)|map(attribute='name')|list
users|selectattr('boss', 'defined')|map(attribute='name')|list
users|selectattr('boss.name', 'eq', 'Ann')|map(attribute='name')|list
users|rejectattr('age', '>', 30)|map(attribute='name')|list
users|selectattr
messages|selectattr('role', 'equalto', 'user')|list|length
messages|selectattr('role', 'equalto', 'user')|first
(messages|selectattr('role', 'equalto', 'nobody')) and 'truthy'
messages|selectattr('role', 'equalto', 'user')|length
(messages|map(attribute='role'))[0]
messages|map(attribute='role')|last
[1, 2, 3, 4, 5]|batch(2)|list
[1, 2, 3, 4, 5]|batch(2, 'x')|list
[1, 2, 3, 4, 5]|slice(2)|list
[1, 2, 3, 4, 5]|slice(3, 'x')|list
[1, 2]|slice(0)|list
[1, 2]|batch(0)|list
d|items|list
undef|items|list
xs|items|list
xs|attr('foo')
d|attr('a')
d|attr('zz') is defined
s|default('x')
empty|default('x')
empty|default('x', true)
nil|default('x')
nil|default('x', true)
undef|d('short')
undef|default
undef|default(boolean=true)
0|default(5, true)
d|tojson
mixed|tojson
u|tojson
u|tojson(ensure_ascii=true)
quote|tojson
'\x00\x1f\x7f\u2028</script>\b\f'|tojson
html|tojson
deep|tojson(indent=2)
deep|tojson(indent=0)
deep|tojson(indent='\t')
mixed|tojson(indent=4)
[]|tojson(indent=2)
{}|tojson(indent=2)
[[], {}, [[]]]|tojson(indent=2)
d|tojson(sort_keys=true)
d|tojson(separators=(',', ':'))
d|tojson(separators=(',', ': '), indent=1)
deep|tojson(true, 1, none, true)
{1: 'a', 1.5: 'b', none: 'c', true: 'd'}|tojson
{2: 'a', 1: 'b'}|tojson(sort_keys=true)
{2: 'a', 'x': 'b'}|tojson(sort_keys=true)
{(1, 2): 'a'}|tojson
(1, 2)|tojson
1.0|tojson
1e100|tojson
(1e308 * 10)|tojson
undef|tojson
{'a': undef}|tojson
range(3)|tojson
none|tojson
true|tojson
s|tojson|safe
range(5)
range(5)|list
range(2, 8, 3)|list
range(5, 0, -2)|list
range(0)|list
range(3)[1]
range(10)[2:5]|list
range(3)|length
range(1, 2, 0)
range('a')
range(100001)
range(5) == range(5)
3 in range(5)
dict(a=1, b='x')
dict({'a': 1}, b=2)
dict([('a', 1), ['b', 2]])
dict(d, **{'z': 26})
dict.fromkeys(['a', 'b'], 0)
dict.fromkeys('ab')
dict([1])
namespace(a=1)
namespace(a=1).a
namespace(a=1).b
namespace(a=1).b is defined
namespace({'x': 5}).x
namespace(_a=1)
cycler('a', 'b').next()
cycler('a', 'b').current
cycler()
joiner(', ')() ~ 'x'
raise_exception('boom')
strftime_now('%Y-%m-%d')
strftime_now('%d %b %Y')
strftime_now('%A, %B %d, %Y %H:%M:%S %p %j %y %I %w %%')
strftime_now('%-d/%-m %e %F %T %D %R %a')
5 is odd
4 is even
4 is odd
m is odd
9 is divisibleby 3
9 is divisibleby(4)
9 is divisibleby 0
's' is odd
1 is defined
none is none
0 is none
true is boolean
1 is boolean
true is true
1 is true
false is false
0 is false
1 is integer
true is integer
1.0 is integer
1.0 is float
1 is float
1 is number
true is number
'1' is number
's' is string
1 is string
d is mapping
xs is mapping
xs is sequence
s is sequence
d is sequence
n is sequence
range(3) is sequence
d.items() is sequence
(xs|map('string')) is sequence
xs is iterable
s is iterable
n is iterable
undef is iterable
undef is sequence
undef is mapping
undef is callable
undef is string
range is callable
n is callable
s.upper is callable
'abc' is lower
'ABC' is upper
'Abc' is lower
1 is lower
html is escaped
(html|safe) is escaped
none is sameas none
1 is sameas true
1 is in [1, 2]
3 is in [1, 2]
'a' is in 'abc'
3 is not in [1, 2]
1 is eq 1
1 is equalto 1.0
1 is ne 2
1 is lt 2
2 is gt 1
1 is le 1
1 is ge 2
1 is lessthan 5
5 is greaterthan 1
1 is == 1
'upper' is filter
'nosuch' is filter
'odd' is test
'nosuch' is test
1 is not none
not 1 is none
1 is defined and 2 is defined
undef is defined or 'x'
'a' if undef is defined else 'b'
1 is nosuch
1 is odd is even
1 is divisibleby
1 is defined(1)
s is string and s|length > 5
n + 1 is odd
-1 is odd
1 in [1] is true
xs|length == 3
xs|length > 2 and 'big'
'a' ~ xs|join('-') ~ 'b'
-1|abs
-n|abs
(-1)|abs
2 ** 2|abs
s.upper().lower()
s.split(' ')[0]
s.split(' ')|last
s.upper ().strip ()
xs | sort | first
xs[xs|length - 1]
xs[n - 6]
d['a' if yes else 'b']
users[0].tags[0]
users[1]['boss']['name']
users[users|length - 1].name
users|length - 1
[1, 2, 3][-1]
{'a': {'b': 1}}.a.b
{'a': 1}['a']
'abc'[1]
'abc'.upper()[1:]
(1, 2)[1]
"%s" % (s|upper)
[x for x in xs]
lambda x: x
xs[
xs]
(1
1)
{1
'unclosed
a b
1 +
* 1
1 ++ 2
1 // / 2
a.1b
a..b
a.
.a
a[]
a[1,2]
a[1
f(
f(a=1, 2)
f(a=1, a=2)
f(*xs, 1)
f(**d, a=1)
f(1,)
f(,)
x|
x|1
x|nosuch
x is
x is not
a if
a if b else
not
in
1 in
and 1
1 and
!a
a ! b
a ? b
a & b
a = b
a == = b
$a
@
a; b
a:b
`a`
#a
'a' 'b' 1
1 2
0123
1.2.3
1..2
1e
0x
0xg
d.a.b.c
xs.0
xs.5
'\u12'
'\x4'
'\777'
1 if true
loop
caller()
varargs
mixed
nested
deep
{'q': "it's", 'r': 'say "hi"', 's': "both ' and \""}
['\n\t\r\\', '\x00\x7f\x80\xa0\xad', 'é日😀\u200b\ue000']
"\\n"
'tab\there'
d == {'b': 1, 'a': 2, 'C': 3}
d != {}
d.items() == d.items()
[1, [2, 3]] == [1, [2, 3]]
[] or {} or 'x'
{'a': 1}.items()|list|first
{'b': 1, 'a': 2}|tojson
{'b': 1, 'a': 2}|dictsort|first|first
'a,b;c'.replace(',', ';').split(';')|join('|')
'abc'|list|reverse|join
'%05.1f' % 2.25
'%05.1f' % -2.25
9007199254740993 == 9007199254740992.0
1e400
- 9223372036854775807 - 1
7.0 // 2
1e16 // 1
5 % 2.5
-0.0 == 0.0
true == 1 and false == 0
'x' * 3 ~ 'y'
'a' 'b' ~ 'c'
(1, 2) + (3,) + ()
().count(1)
((1, 2), 3)[0][1]
[[1, 2], [3]]|map('join', '-')|join(';')
'Hello'|map('upper')|join
d|map('upper')|list
d.values()|sum
d.items()|map('first')|join(',')
d|length is odd
s|upper|lower|title|replace(' ', '_')
s.split()|map('lower')|map('capitalize')|join(' ')
(s|upper)[0]
s|trim|length
'a' < 'b' < 'c'
1 < 2 == true
not 1 == 2
not (1 == 2)
1 - -1
1--1
2*-3
[-1, +1]
{'a': -1}.a
1.5.is_integer()
2.0.is_integer()
'1'.isdigit() and '1'|int + 1
'abc'.nope is defined
'abc'.upper is defined
xs.append is defined
d.update is defined
messages|length
messages|last|tojson
messages[0] | tojson | length
messages|map(attribute='role')|join(',')
messages|map(attribute='content')|map('upper')|join(' ')
messages|selectattr('tool_calls', 'defined')|map(attribute='role')|list
messages|selectattr('role', 'in', ['user', 'system'])|map(attribute='content')|list
messages|rejectattr('role', 'equalto', 'system')|list|length
'tool_calls' in messages[2]
messages[2].tool_calls[0].function.arguments.items()|list
messages[2]['tool_calls'][0]['function']['arguments'] is mapping
messages[0].get('tool_calls')
messages[0].get('tool_calls', [])|length
'</think>' in messages[2].content
'a</think>\nb'.split('</think>')[-1].lstrip('\n')
'<think>x</think>y'.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n')
""".strip("\n").split("\n")
