"""Workflows: steps in an order, told in advance, of tools, agents, functions and other workflows."""
