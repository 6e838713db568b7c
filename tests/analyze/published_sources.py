"""The papers and books that the table against the literature cites beside those of the catalogue."""

from symloss.losses.references import REFERENCES, Reference

__all__ = ["SOURCES"]

SOURCES: dict[str, Reference] = REFERENCES | {
    "Barron 2019": Reference(
        "Jonathan T. Barron",
        "A General and Adaptive Robust Loss Function",
        "Conference on Computer Vision and Pattern Recognition",
        2019,
        "arXiv:1701.03077",
    ),
    "Beaton and Tukey 1974": Reference(
        "Albert E. Beaton and John W. Tukey",
        "The Fitting of Power Series, Meaning Polynomials, Illustrated on Band-Spectroscopic Data",
        "Technometrics 16(2), 147-185",
        1974,
        "10.1080/00401706.1974.10489171",
    ),
    "Böhning 1992": Reference(
        "Dankmar Böhning",
        "Multinomial Logistic Regression Algorithm",
        "Annals of the Institute of Statistical Mathematics 44(1), 197-200",
        1992,
        "10.1007/BF00048682",
    ),
    "Boyd and Vandenberghe 2004": Reference(
        "Stephen Boyd and Lieven Vandenberghe", "Convex Optimization", "Cambridge University Press", 2004
    ),
    "Brier 1950": Reference(
        "Glenn W. Brier",
        "Verification of Forecasts Expressed in Terms of Probability",
        "Monthly Weather Review 78(1), 1-3",
        1950,
    ),
    "Buja et al. 2005": Reference(
        "Andreas Buja and Werner Stuetzle and Yi Shen",
        "Loss Functions for Binary Class Probability Estimation and Classification: Structure and Applications",
        "Technical report, University of Pennsylvania",
        2005,
    ),
    "Charbonnier et al. 1997": Reference(
        "Pierre Charbonnier and Laure Blanc-Féraud and Gilles Aubert and Michel Barlaud",
        "Deterministic Edge-Preserving Regularization in Computed Imaging",
        "IEEE Transactions on Image Processing 6(2), 298-311",
        1997,
        "10.1109/83.551699",
    ),
    "Charoenphakdee et al. 2019": Reference(
        "Nontawat Charoenphakdee and Jongyeong Lee and Masashi Sugiyama",
        "On Symmetric Losses for Learning from Corrupted Labels",
        "International Conference on Machine Learning",
        2019,
        "arXiv:1901.09314",
    ),
    "Fair 1974": Reference(
        "Ray C. Fair",
        "On the Robust Estimation of Econometric Models",
        "Annals of Economic and Social Measurement 3(4), 667-677",
        1974,
    ),
    "Friedman et al. 2000": Reference(
        "Jerome Friedman and Trevor Hastie and Robert Tibshirani",
        "Additive Logistic Regression: A Statistical View of Boosting",
        "Annals of Statistics 28(2), 337-407",
        2000,
        "10.1214/aos/1016218223",
    ),
    "Ghosh et al. 2015": Reference(
        "Aritra Ghosh and Naresh Manwani and P. S. Sastry",
        "Making Risk Minimization Tolerant to Label Noise",
        "Neurocomputing 160, 93-107",
        2015,
        "arXiv:1403.3610",
    ),
    "Ghosh et al. 2017": Reference(
        "Aritra Ghosh and Himanshu Kumar and P. S. Sastry",
        "Robust Loss Functions under Label Noise for Deep Neural Networks",
        "AAAI Conference on Artificial Intelligence",
        2017,
        "arXiv:1712.09482",
    ),
    "Hampel et al. 1986": Reference(
        "Frank R. Hampel and Elvezio M. Ronchetti and Peter J. Rousseeuw and Werner A. Stahel",
        "Robust Statistics: The Approach Based on Influence Functions",
        "Wiley",
        1986,
    ),
    "Holland and Welsch 1977": Reference(
        "Paul W. Holland and Roy E. Welsch",
        "Robust Regression Using Iteratively Reweighted Least-Squares",
        "Communications in Statistics, Theory and Methods 6(9), 813-827",
        1977,
        "10.1080/03610927708827533",
    ),
    "Lin 2002": Reference(
        "Yi Lin",
        "Support Vector Machines and the Bayes Rule in Classification",
        "Data Mining and Knowledge Discovery 6, 259-275",
        2002,
        "10.1023/A:1015469627679",
    ),
    "Masnadi-Shirazi and Vasconcelos 2008": Reference(
        "Hamed Masnadi-Shirazi and Nuno Vasconcelos",
        "On the Design of Loss Functions for Classification: Theory, Robustness to Outliers, and SavageBoost",
        "Advances in Neural Information Processing Systems",
        2008,
    ),
    "Mohri et al. 2018": Reference(
        "Mehryar Mohri and Afshin Rostamizadeh and Ameet Talwalkar",
        "Foundations of Machine Learning, 2nd edition",
        "MIT Press",
        2018,
    ),
    "Newey and Powell 1987": Reference(
        "Whitney K. Newey and James L. Powell",
        "Asymmetric Least Squares Estimation and Testing",
        "Econometrica 55(4), 819-847",
        1987,
        "10.2307/1911031",
    ),
    "Patton 2011": Reference(
        "Andrew J. Patton",
        "Volatility Forecast Comparison Using Imperfect Volatility Proxies",
        "Journal of Econometrics 160(1), 246-256",
        2011,
        "10.1016/j.jeconom.2010.03.034",
    ),
    "Reid and Williamson 2010": Reference(
        "Mark D. Reid and Robert C. Williamson",
        "Composite Binary Losses",
        "Journal of Machine Learning Research 11, 2387-2422",
        2010,
    ),
    "Rockafellar and Uryasev 2000": Reference(
        "R. Tyrrell Rockafellar and Stanislav Uryasev",
        "Optimization of Conditional Value-at-Risk",
        "Journal of Risk 2(3), 21-41",
        2000,
    ),
    "Rosasco et al. 2004": Reference(
        "Lorenzo Rosasco and Ernesto De Vito and Andrea Caponnetto and Michele Piana and Alessandro Verri",
        "Are Loss Functions All the Same?",
        "Neural Computation 16(5), 1063-1076",
        2004,
        "10.1162/089976604773135104",
    ),
    "Steinwart and Christmann 2008": Reference(
        "Ingo Steinwart and Andreas Christmann", "Support Vector Machines", "Springer", 2008
    ),
    "Tewari and Bartlett 2007": Reference(
        "Ambuj Tewari and Peter L. Bartlett",
        "On the Consistency of Multiclass Classification Methods",
        "Journal of Machine Learning Research 8, 1007-1025",
        2007,
    ),
    "van Rooyen et al. 2015": Reference(
        "Brendan van Rooyen and Aditya Krishna Menon and Robert C. Williamson",
        "Learning with Symmetric Label Noise: The Importance of Being Unhinged",
        "Advances in Neural Information Processing Systems",
        2015,
        "arXiv:1505.07634",
    ),
    "Vapnik 1995": Reference(
        "Vladimir N. Vapnik", "The Nature of Statistical Learning Theory", "Springer", 1995
    ),
    "Zhang 2004": Reference(
        "Tong Zhang",
        "Statistical Behavior and Consistency of Classification Methods Based on Convex Risk Minimization",
        "Annals of Statistics 32(1), 56-85",
        2004,
        "10.1214/aos/1079120130",
    ),
    "Zhang and Sabuncu 2018": Reference(
        "Zhilu Zhang and Mert R. Sabuncu",
        "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels",
        "Advances in Neural Information Processing Systems",
        2018,
        "arXiv:1805.07836",
    ),
}
"""By the key that a row of the table names."""
