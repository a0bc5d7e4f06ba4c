"""The words usual for the sections that most newsrooms have, for a site that has filed little.

Our own list, written from what such sections are about. It is English, and it has no names of
people, teams or firms, which come and go. A topic's words are heard only where a section bears one
of its names, far more softly than a keyword, and not at all where the word is anyone's keyword.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from feedsvc.filing.words import singulars, split_words


class Topic(NamedTuple):
    """A topic's own ``name``, all ``names`` by which sections bear it, and its usual ``words``.

    Names and words are written as the model writes its features.
    """

    name: str
    names: frozenset[str]
    words: tuple[str, ...]


def find_topics(name: str, title: str) -> tuple[Topic, ...]:
    """The topics that a section bears in its name, or else in its title."""
    for text in (name, title):
        said = singulars(split_words(text))
        if topics := tuple(topic for topic in _read_topics() if not topic.names.isdisjoint(said)):
            return topics
    return ()


@cache
def _read_topics() -> tuple[Topic, ...]:
    topics = []
    for block in _TOPICS.strip().split("\n\n"):
        head, _, body = block.partition(":")
        words = dict.fromkeys(" ".join(singulars(word.split("_"))) for word in body.split())
        names = head.split()
        topics.append(Topic(names[0], frozenset(singulars(names)), tuple(words)))
    return tuple(topics)


# The names of a topic, and behind the colon its words; an underscore joins a pair of words.
_TOPICS = """
politics political government parliament elections:
    politics political politician government opposition minister ministry party voter vote voted
    voting election electoral electorate ballot poll campaign manifesto candidate candidacy
    constituency seat majority minority coalition rebel backbench backbencher frontbench whip
    peer commons lords mp mep congressman senator senate congress legislature legislator
    lawmaker parliament parliamentary chancellor secretary spokesman spokeswoman leader
    leadership deputy cabinet reshuffle policy pledge reform bill amendment act law legislation
    statute veto debate speech tax spending_cut public_spending benefit pension welfare
    council_tax civil_servant civil_service whitehall westminster capitol democracy democratic
    republic conservative liberal labour socialist left_wing right_wing independent referendum
    devolution constitution constitutional immigration asylum migrant citizenship id_card
    human_right civil_liberty liberty ban scrutiny select_committee committee taxpayer governor
    president presidential prime premier mayor partisan caucus primary donor donation lobbyist
    lobbying inauguration administration

business economy economic markets finance money companies:
    business economy economic economist company firm corporate corporation industry industrial
    sector trade trader trading market share shareholder stock exchange index investor
    investment invest bank banker banking lender loan credit debt bond yield rate interest_rate
    inflation deflation recession downturn slowdown recovery growth grow growing gdp output
    productivity manufacturing manufacturer factory plant export exporter import tariff deficit
    surplus currency dollar euro sterling yen pound yuan price cost cheap expensive demand
    supply supplier consumer customer retail retailer store sale shop shopper spending profit
    profitable loss earnings revenue turnover income margin forecast outlook quarter quarterly
    fiscal annual dividend takeover bid bidder merger merge acquisition acquire buyout stake
    subsidiary venture deal chief_executive executive chairman boss board director finance
    financial auditor accounting accountant bankruptcy insolvency creditor administrator
    restructuring job employment unemployment employer workforce worker union wage pay payroll
    layoff redundancy strike commodity oil crude barrel gas energy mining steel gold property
    mortgage house_price housing_market home_sale airline carrier carmaker automaker insurer
    insurance pension_fund hedge_fund private_equity brand franchise contract order analyst
    billion bn

health medicine medical wellness wellbeing:
    health healthy healthcare medicine medical medic doctor gp physician surgeon surgery nurse
    nursing midwife hospital clinic clinical ward patient patient_care treatment treat therapy
    therapist drug tablet pill dose medication prescription pharmacist pharmacy vaccine
    vaccination jab immunity immune infection infectious virus viral bacteria bacterial
    antibiotic superbug outbreak epidemic pandemic flu fever disease disorder illness condition
    symptom diagnosis diagnose diagnosed screening scan cancer tumour tumor leukaemia
    chemotherapy heart cardiac stroke blood blood_pressure cholesterol diabetes insulin obesity
    obese overweight weight diet dietary nutrition nutrient vitamin calorie smoking
    smoker tobacco alcohol drinking addiction overdose mental_health depression anxiety dementia
    brain lung liver kidney bone skin gene genetic cell transplant donor pregnancy pregnant
    birth fertility ivf baby infant maternity ageing sleep exercise pain painkiller allergy
    asthma arthritis hiv malaria tuberculosis researcher trial life_expectancy mortality carer

world international foreign global:
    international foreign abroad overseas country nation border embassy ambassador diplomat
    diplomatic diplomacy envoy consulate treaty accord ceasefire truce peace peacekeeper
    united_nation security_council resolution sanction summit bloc neighbour war warfare
    conflict fighting invasion invade occupation troop soldier army military militia militant
    rebel insurgent insurgency guerrilla gunman bomb bomber bombing suicide_bomber explosion
    blast attack airstrike missile rocket shelling artillery tank frontline hostage kidnap
    kidnapped kidnapper prisoner exile dissident regime dictator dictatorship junta coup
    uprising revolt protest protester unrest crackdown curfew massacre genocide ethnic_cleansing
    refugee displaced camp famine hunger humanitarian relief aid_worker aid_agency earthquake
    quake tsunami aftershock survivor nuclear uranium capital province provincial region
    regional village villager tribe tribal sheikh cleric monarchy king foreign_minister
    foreign_ministry foreign_secretary state_media interim_government

technology tech innovation digital computing science internet gadgets:
    technology technological tech computer computing pc laptop desktop tablet smartphone phone
    handset mobile mobile_phone device gadget gizmo hardware software program programmer code
    coding developer open_source operating_system application app browser web website web_page
    net internet online offline email inbox spam spyware virus worm trojan malware hacker
    hacking security_hole flaw patch phishing password encryption privacy server network
    networking broadband bandwidth wireless wi_fi wifi bluetooth fibre cable modem router
    download downloading upload streaming file_sharing file mp3 format digital analogue data
    database storage memory disc disk hard_drive drive chip processor semiconductor silicon
    circuit battery screen display pixel camera keyboard user surfer blog blogger blogging
    search_engine search portal domain site message messaging text_message chat forum
    social_network platform console gamer gaming video_game computer_game graphics virtual
    simulation robot robotic artificial_intelligence algorithm automation sensor satellite gps
    navigation tag engineer engineering inventor invention patent prototype innovation
    innovative lab laboratory scientist science physics telescope spacecraft orbit probe
    astronaut planet telecom telecoms consumer_electronics

sports sport sporting:
    sport sporting sportsman game match fixture tie replay leg final semi_final quarter_final
    semifinal quarterfinal round draw cup trophy title league division premiership championship
    champion tournament season opener playoff win winner winning beat beaten defeat defeated
    victory loss lose lost losing unbeaten score scored scorer scoring goal equaliser penalty
    half_time half second_half injury_time extra_time try conversion drop_goal scrum lineout
    tackle referee umpire linesman offside foul red_card yellow_card team side squad lineup club
    captain skipper coach coaching manager player teammate striker forward midfielder midfield
    defender defence goalkeeper keeper winger full_back fly_half centre prop hooker lock flanker
    substitute bench debut international_debut cap transfer signing injury injured hamstring
    knee ankle fitness fit training pitch stadium ground crowd fan supporter football footballer
    rugby cricket cricketer wicket innings batsman bowler test_match run tennis set serve seed
    seeded grand_slam doubles golf golfer birdie bogey fairway boxing boxer bout athletics
    athlete olympic medal gold_medal silver_medal bronze sprint sprinter sprinting hurdle
    marathon indoor_championship relay record_holder doping drug_test race racing racer lap
    podium cycling cyclist swimmer swimming skiing skier hockey basketball baseball inning homer
    touchdown quarterback yard ranking ranked world_number

entertainment celebrity celebrities culture arts art film music television showbiz movies:
    entertainment celebrity star stardom starring film movie cinema cinematic screening
    box_office blockbuster sequel trilogy remake premiere film_festival director directed
    filmmaker producer screenwriter script screenplay actor actress acting cast role character
    comedy comedian comic sitcom drama thriller horror romance documentary animation animated
    cartoon hollywood bollywood oscar award award_ceremony ceremony nominee nominated nomination
    best_actor best_actress best_film best_picture best_director red_carpet prize jury critic
    acclaimed review audience viewer viewing tv television channel broadcast broadcaster
    programme show series episode soap soap_opera presenter host guest reality_show talent music
    musical musician singer sing song songwriter lyric album single track chart band rock
    rock_band pop pop_star rap rapper hip_hop jazz soul classical orchestra opera ballet dance
    dancer concert gig tour festival guitar guitarist drummer bassist vocal frontman duet
    recording record_label theatre theater stage play playwright musical_theatre west_end
    broadway book novel novelist author writer poet poetry publisher bestseller bestselling
    literary art artist artwork painting painter sculpture sculptor museum gallery exhibition
    fashion designer model catwalk fame famous tabloid paparazzi debut hit

weather climate:
    weather forecast forecaster forecasting meteorologist meteorological temperature degree
    celsius fahrenheit heat heatwave hot warm humid humidity cold freezing freeze frost ice icy
    snow snowfall snowstorm blizzard sleet hail rain rainfall rainy shower drizzle downpour
    storm stormy thunderstorm thunder lightning tornado twister hurricane cyclone typhoon
    tropical_storm landfall gale gust gusty wind windy breeze fog foggy mist cloud cloudy sunny
    sunshine flood flooded flooding flash_flood floodwater drought wildfire bushfire evacuate
    evacuation inch inches mph pressure front outlook season winter summer climate
    climate_change warming global_warming carbon_dioxide greenhouse_gas emission sea_level
    glacier arctic antarctic el_nino la_nina

local community communities metro neighborhood neighbourhood city county region regional town:
    local community neighborhood neighbourhood neighbor neighbour resident town township village
    borough parish suburb county city_council county_council council_meeting councillor alderman
    mayor ordinance zoning planning_permission planning_application school pupil headteacher
    principal classroom library park playground pool pavement sidewalk street road junction
    roadwork roadworks pothole traffic crossing bus bus_route car_park parking downtown
    high_street market_town shop_owner volunteer charity fundraiser fundraising food_bank church
    congregation parade fair festival_goer firefighter fire_station sheriff police_officer
    burglary missing_person landlord tenant allotment bin recycling landfill

investigations investigation investigative watchdog analysis:
    investigation investigative investigator investigate watchdog whistleblower wrongdoing
    misconduct corruption corrupt bribery bribe kickback fraud fraudulent embezzlement
    laundering scandal negligence allegation alleged leaked confidential audit auditor inspector
    oversight accountability subpoena inquiry undercover dossier loophole misuse falsified
    forged concealed document internal_email internal_memo court_record public_record
    records_request shell_company offshore

crime courts court justice law:
    crime criminal police detective officer arrest arrested suspect custody bail charge charged
    court crown_court judge jury trial prosecutor prosecution defendant defence lawyer attorney
    solicitor barrister verdict guilty convicted conviction sentence sentenced jail jailed
    prison inmate parole murder manslaughter homicide killing stabbing stabbed shooting shot gun
    knife weapon robbery robber burglary burglar theft thief stolen fraud fraudster assault rape
    victim witness testimony testify plea pleaded appeal gang smuggling trafficking forensic

education schools school university universities students:
    education educational school pupil student teacher teaching headteacher principal classroom
    class lesson curriculum exam examination gcse grade test_score literacy numeracy homework
    truancy college university campus lecturer professor undergraduate graduate degree tuition
    tuition_fee scholarship admission enrollment enrolment nursery kindergarten primary_school
    high_school secondary_school school_board school_district superintendent academic dean

science space research:
    science scientist scientific research researcher study experiment laboratory theory
    physicist physics chemist chemistry biologist biology geologist astronomer astronomy
    telescope galaxy star planet moon lunar asteroid comet orbit spacecraft space_station
    astronaut rocket rover satellite gene genome dna cell protein species evolution fossil
    dinosaur archaeologist climate_scientist particle quantum neutrino molecule bacteria journal
    peer_reviewed

environment nature energy green:
    environment environmental environmentalist conservation conservationist ecology ecosystem
    habitat wildlife species endangered extinction biodiversity forest rainforest deforestation
    river ocean reef coral pollution pollutant waste plastic recycling renewable solar_power
    wind_farm turbine carbon carbon_dioxide emission climate climate_change fossil_fuel coal
    nuclear_power greenhouse_gas sustainable sustainability

travel tourism:
    travel traveller traveler tourism tourist holiday holidaymaker vacation trip destination
    itinerary hotel resort hostel beach cruise cruise_ship flight airport luggage passport visa
    sightseeing landmark backpacker guidebook

food cooking recipes drink restaurants dining:
    food cook cooking chef recipe ingredient kitchen oven baking bake dish meal menu restaurant
    diner dessert flavour flavor spice garlic onion butter flour sauce salad vegetable
    vegetarian vegan wine beer cocktail brewery tablespoon teaspoon simmer roast

opinion comment commentary editorial editorials columns letters views:
    opinion editorial commentary columnist column op_ed letter_writer reader_letter viewpoint

lifestyle life style fashion home family living:
    lifestyle fashion style designer trend wardrobe beauty makeup skincare decor furniture
    garden gardening parenting parent toddler wedding dating relationship hobby craft
"""
