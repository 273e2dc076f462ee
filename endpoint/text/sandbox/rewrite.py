"""Puts the ledger into a template: a parsed template goes in, one whose every costly node pays comes out.

Jinja lets an environment see calls and operators, but neither loops, `~`, slices, literals nor static text. Those nodes
get an inner filter wrapped around them; its name holds a "%", so no template can write or replace it. Pure.
"""

from __future__ import annotations

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

STEP = "%step"
TURNS = "%turns"
MADE = "%made"
CONCAT = "%concat"


class _Queues(NodeTransformer):
    """Lists never change here. A namespace's list that a template appends to or pops from (Kimi K2's does) is replaced
    by a new one: `{% set _ = ns.ids.append(x) %}` becomes `{% set ns.ids = ns.ids + [x] %}`."""

    def visit_Assign(self, node: nodes.Assign) -> nodes.Node | list[nodes.Node]:  # noqa: N802 -- Jinja looks it up so
        call = node.node
        if not isinstance(call, nodes.Call) or not isinstance(call.node, nodes.Getattr):
            return node
        queue, method = call.node.node, call.node.attr
        if not isinstance(queue, nodes.Getattr) or not isinstance(queue.node, nodes.Name) or len(call.args) != 1:
            return node
        target = nodes.NSRef(queue.node.name, queue.attr, lineno=node.lineno)
        if method == "append":
            longer = nodes.Add(queue, nodes.List(call.args, lineno=node.lineno), lineno=node.lineno)
            return nodes.Assign(target, longer, lineno=node.lineno)
        if method == "pop" and isinstance(call.args[0], nodes.Const) and call.args[0].value == 0:
            first = nodes.Getitem(queue, call.args[0], "load", lineno=node.lineno)
            rest = nodes.Getitem(
                queue, nodes.Slice(nodes.Const(1), None, None, lineno=node.lineno), "load", lineno=node.lineno
            )
            return [
                nodes.Assign(node.target, first, lineno=node.lineno),
                nodes.Assign(target, rest, lineno=node.lineno),
            ]
        return node


class _Payments(NodeTransformer):
    """Called once for each node class; names are Jinja's `visit_<Node>`."""

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.Node:  # noqa: N802 -- Jinja's visitor looks it up so
        # A constant is handed to `finalize`, which pays for it; template data isn't.
        return nodes.Const(node.data, lineno=node.lineno)

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 -- as above
        self.generic_visit(node)
        node.iter = _filtered(node.iter, TURNS)
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802 -- as above
        self.generic_visit(node)
        node.expr = _filtered(node.expr, STEP)
        return node

    def visit_Test(self, node: nodes.Test) -> nodes.Node:  # noqa: N802 -- as above
        self.generic_visit(node)
        if node.name not in {"defined", "undefined"}:  # cheap, and the filter would not see the bare name
            node.node = _filtered(node.node, STEP)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 -- as above
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), CONCAT)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802 -- as above
        self.generic_visit(node)
        return _filtered(node, MADE) if isinstance(node.arg, nodes.Slice) else node

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802 -- as above
        self.generic_visit(node)
        return _filtered(node, MADE)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:  # noqa: N802 -- as above
        self.generic_visit(node)
        return _filtered(node, MADE)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802 -- as above
        self.generic_visit(node)
        return _filtered(node, MADE) if node.ctx == "load" else node


def add_payments(template: nodes.Template) -> nodes.Template:
    """The template with payments in it; the given one is changed."""
    _Queues().visit(template)
    _Payments().visit(template)
    return template


def _filtered(node: nodes.Node, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
