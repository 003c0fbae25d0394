"""Hammond and Axelrod 2006 in Mesa 3: what bestowal/models/hammond_axelrod_2006.py is timed against.

Needs Mesa 3.3 (Apache licence) and nothing else; nothing in bestowal imports this file.

    python benchmarks/hammond_axelrod_mesa.py [--places] [--side 50] [--warm-up 500] [--periods 200] [--seed 1]
    python benchmarks/hammond_axelrod_mesa.py --statistics [--places] [--warm-up 1900] [--periods 100]

Prints one line of JSON: seconds a period, or the means of the observables. It is the same process but not the same
luck (Python's Mersenne Twister), so its numbers agree in distribution only.

It is written twice. HammondAxelrod is what Mesa is for: a person is an agent, born with a place in the model and in the
space, and removed from both. HammondAxelrodPlaces has an agent for each site, as Mesa's Game of Life does, so that
nobody is made or removed; it is several times as fast, and what Mesa does in it is next to nothing after the start.

Tried, measured, and kept for speed, all within Mesa's public interface: cells of a class of our own that know who lives
on them and which cells are around (meetings take two thirds of the time that `cell.neighborhood.agents` takes); each
pair of neighbours meets once, for both; meetings, choice of parents and deaths are plain loops, for `agents.do` pays a
call for each; only those whose luck gives them a child are shuffled, not everyone; nothing is collected.
"""

import argparse
import json
import platform
import statistics
import time
from collections import Counter

import mesa
from mesa.discrete_space import Cell, FixedAgent, OrthogonalVonNeumannGrid


class Site(Cell):
    """A cell that knows who lives on it, the cells around it, and the two ahead: to the east and to the south."""

    person = None

    def know_neighbours(self):
        self.around = self.neighborhood.cells
        self.east, self.south = self.connections[0, 1], self.connections[1, 0]


class Person(FixedAgent):
    def __init__(self, model, cell, colour, ig, og):
        super().__init__(model)
        self.cell = self.site = cell  # a plain attribute is read faster than the property
        cell.person = self
        self.colour = colour
        self.ig = ig
        self.og = og
        self.chance = model.base_chance

    def bear(self):
        """A child on an empty site around, if there is one."""
        empty = [site for site in self.site.around if site.person is None]
        if not empty:
            return
        model = self.model
        luck, mutation = model.random, model.mutation
        colour, ig, og = self.colour, self.ig, self.og
        if model.colours > 1 and luck.random() < mutation:
            colour = (colour + luck.randrange(1, model.colours)) % model.colours
        if luck.random() < mutation:
            ig = not ig
        if luck.random() < mutation:
            og = not og
        Person(model, luck.choice(empty), colour, ig, og)

    def remove(self):
        super().remove()
        self.site.person = None


class HammondAxelrod(mesa.Model):
    def __init__(
        self,
        side=50,
        colours=4,
        cost=0.01,
        benefit=0.03,
        base_chance=0.12,
        mutation=0.005,
        death=0.1,
        immigrants=1,
        seed=None,
    ):
        super().__init__(seed=seed)
        self.colours = colours
        self.cost = cost
        self.benefit = benefit
        self.base_chance = base_chance
        self.mutation = mutation
        self.death = death
        self.immigrants = immigrants
        self.grid = OrthogonalVonNeumannGrid((side, side), torus=True, capacity=1, random=self.random, cell_klass=Site)
        self.sites = self.grid.all_cells.cells
        for site in self.sites:
            site.know_neighbours()

    def people(self):
        return self.agents

    def beside(self, one):
        return [site.person for site in one.site.around if site.person is not None]

    def step(self):
        self.immigrate()
        self.meet()
        self.reproduce()
        self.die()

    def immigrate(self):
        luck = self.random
        for _ in range(min(self.immigrants, len(self.sites) - len(self.agents))):
            site = self.grid.select_random_empty_cell()
            Person(self, site, luck.randrange(self.colours), luck.random() < 0.5, luck.random() < 0.5)

    def meet(self):
        """Whoever helps pays, whoever is helped gains; both sides of a meeting at once."""
        cost, benefit = self.cost, self.benefit
        exchange = benefit - cost
        for one in self.agents:
            site, colour = one.site, one.colour
            for other in (site.east.person, site.south.person):
                if other is None:
                    continue
                if other.colour == colour:
                    gives, gets = one.ig, other.ig
                else:
                    gives, gets = one.og, other.og
                if gives:
                    if gets:
                        one.chance += exchange
                        other.chance += exchange
                    else:
                        one.chance -= cost
                        other.chance += benefit
                elif gets:
                    one.chance += benefit
                    other.chance -= cost

    def reproduce(self):
        """One by one in random order; who has no luck has no part in the order."""
        luck = self.random.random
        parents = [one for one in self.agents if luck() < one.chance]
        self.random.shuffle(parents)
        for parent in parents:
            parent.bear()

    def die(self):
        luck, death, base_chance = self.random.random, self.death, self.base_chance
        for one in list(self.agents):
            if luck() < death:
                one.remove()
            else:
                one.chance = base_chance  # for the next period; newborn come with it


class Place(FixedAgent):
    """A site with or without somebody on it, as in Mesa's own Game of Life."""

    def __init__(self, model, cell):
        super().__init__(model)
        self.cell = cell
        self.colour = None  # nobody
        self.ig = self.og = False
        self.chance = model.base_chance

    def know_neighbours(self):
        self.around = list(self.cell.neighborhood.agents)
        connections = self.cell.connections
        self.ahead = [connections[where].agents[0] for where in ((0, 1), (1, 0))]

    def bear(self):
        empty = [place for place in self.around if place.colour is None]
        if not empty:
            return
        model = self.model
        luck, mutation = model.random, model.mutation
        child = luck.choice(empty)
        child.colour, child.ig, child.og = self.colour, self.ig, self.og
        if model.colours > 1 and luck.random() < mutation:
            child.colour = (child.colour + luck.randrange(1, model.colours)) % model.colours
        if luck.random() < mutation:
            child.ig = not child.ig
        if luck.random() < mutation:
            child.og = not child.og


class HammondAxelrodPlaces(HammondAxelrod):
    """The same with a fixed agent for each site: nobody is made or removed, agents take and lose traits."""

    def __init__(self, **given):
        super().__init__(**given)
        self.places = [Place(self, site) for site in self.sites]
        for place in self.places:
            place.know_neighbours()

    def people(self):
        return [place for place in self.places if place.colour is not None]

    def beside(self, one):
        return [place for place in one.around if place.colour is not None]

    def immigrate(self):
        luck = self.random
        for _ in range(self.immigrants):
            # A torus without an empty place does not happen here.
            place = luck.choice(self.places)
            while place.colour is not None:
                place = luck.choice(self.places)
            place.colour = luck.randrange(self.colours)
            place.ig, place.og = luck.random() < 0.5, luck.random() < 0.5

    def meet(self):
        cost, benefit = self.cost, self.benefit
        exchange = benefit - cost
        for one in self.places:
            colour = one.colour
            if colour is None:
                continue
            for other in one.ahead:
                theirs = other.colour
                if theirs is None:
                    continue
                if theirs == colour:
                    gives, gets = one.ig, other.ig
                else:
                    gives, gets = one.og, other.og
                if gives:
                    if gets:
                        one.chance += exchange
                        other.chance += exchange
                    else:
                        one.chance -= cost
                        other.chance += benefit
                elif gets:
                    one.chance += benefit
                    other.chance -= cost

    def reproduce(self):
        luck = self.random.random
        parents = [place for place in self.places if place.colour is not None and luck() < place.chance]
        self.random.shuffle(parents)
        for parent in parents:
            parent.bear()

    def die(self):
        luck, death, base_chance = self.random.random, self.death, self.base_chance
        for place in self.places:
            if place.colour is not None:
                place.chance = base_chance
                if luck() < death:
                    place.colour = None


def watched_step(model):
    """The same step, with the model's observables; not timed."""
    model.immigrate()
    model.meet()
    meetings = helps = same = consistent = 0
    for one in model.people():
        for other in model.beside(one):
            alike = one.colour == other.colour
            helped = one.ig if alike else one.og
            meetings, helps, same = meetings + 1, helps + helped, same + alike
            consistent += helped == alike
    model.reproduce()
    model.die()
    kinds = Counter((one.ig, one.og) for one in model.people())
    living = kinds.total()
    return {
        "ethnocentric": kinds[True, False] / living,
        "humanitarian": kinds[True, True] / living,
        "selfish": kinds[False, False] / living,
        "traitorous": kinds[False, True] / living,
        "cooperation": helps / meetings,
        "consistent": consistent / meetings,
        "same_colour": same / meetings,
        "density": living / len(model.sites),
    }


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--side", type=int, default=50)
    options.add_argument("--warm-up", type=int, default=500)
    options.add_argument("--periods", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--places", action="store_true", help="agents are sites, not people")
    options.add_argument("--statistics", action="store_true", help="mean observables instead of time")
    given = options.parse_args()

    model = (HammondAxelrodPlaces if given.places else HammondAxelrod)(side=given.side, seed=given.seed)
    for _ in range(given.warm_up):
        model.step()
    if given.statistics:
        rows = [watched_step(model) for _ in range(given.periods)]
        print(json.dumps({name: statistics.fmean(row[name] for row in rows) for name in rows[0]}))
        return
    began = time.process_time()
    for _ in range(given.periods):
        model.step()
    seconds = (time.process_time() - began) / given.periods
    print(
        json.dumps(
            {
                "seconds_per_period": seconds,
                "density": len(model.people()) / given.side**2,
                "mesa": mesa.__version__,
                "python": platform.python_version(),
            }
        )
    )


if __name__ == "__main__":
    main()
