"""The papers and textbooks that the catalogue cites, by the key that a declaration names in ``cite``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """One published work. Several authors are joined by " and "; ``doi`` holds a DOI or "arXiv:<number>"."""

    authors: str
    title: str
    venue: str
    year: int
    doi: str = ""

    @property
    def text(self) -> str:
        """The citation as one line of plain text."""
        *others, last = self.authors.split(" and ")
        names = f"{', '.join(others)} and {last}" if others else last
        # "Gilbert Bassett Jr." and "When Does Label Smoothing Help?" bring their own final mark.
        parts = (part if part.endswith((".", "?")) else f"{part}." for part in (names, self.title))
        line = f"{' '.join(parts)} {self.venue}, {self.year}."
        if not self.doi:
            return line
        return f"{line} {self.doi if self.doi.startswith('arXiv:') else 'doi:' + self.doi}"


REFERENCES: dict[str, Reference] = {
    "Arjovsky and Bottou 2017": Reference(
        authors="Martin Arjovsky and Léon Bottou",
        title="Towards Principled Methods for Training Generative Adversarial Networks",
        venue="International Conference on Learning Representations",
        year=2017,
        doi="arXiv:1701.04862",
    ),
    "Arrow et al. 1951": Reference(
        authors="Kenneth J. Arrow and Theodore Harris and Jacob Marschak",
        title="Optimal Inventory Policy",
        venue="Econometrica 19(3), 250-272",
        year=1951,
        doi="10.2307/1906813",
    ),
    "Balntas et al. 2016": Reference(
        authors="Vassileios Balntas and Edgar Riba and Daniel Ponsa and Krystian Mikolajczyk",
        title="Learning local feature descriptors with triplets and shallow convolutional neural networks",
        venue="British Machine Vision Conference",
        year=2016,
    ),
    "Bartlett et al. 2006": Reference(
        authors="Peter L. Bartlett and Michael I. Jordan and Jon D. McAuliffe",
        title="Convexity, Classification, and Risk Bounds",
        venue="Journal of the American Statistical Association 101(473), 138-156",
        year=2006,
        doi="10.1198/016214505000000907",
    ),
    "Bertels et al. 2019": Reference(
        authors="Jeroen Bertels and Tom Eelbode and Maxim Berman and Dirk Vandermeulen and Frederik Maes"
        " and Raf Bisschops and Matthew B. Blaschko",
        title="Optimizing the Dice Score and Jaccard Index for Medical Image Segmentation: Theory & Practice",
        venue="Medical Image Computing and Computer Assisted Intervention",
        year=2019,
        doi="arXiv:1911.01685",
    ),
    "Bloomfield and Steiger 1983": Reference(
        authors="Peter Bloomfield and William L. Steiger",
        title="Least Absolute Deviations: Theory, Applications and Algorithms",
        venue="Birkhäuser",
        year=1983,
    ),
    "Bridle 1990": Reference(
        authors="John S. Bridle",
        title="Probabilistic Interpretation of Feedforward Classification Network Outputs, with Relationships"
        " to Statistical Pattern Recognition",
        venue="Neurocomputing: Algorithms, Architectures and Applications, Springer, 227-236",
        year=1990,
        doi="10.1007/978-3-642-76153-9_28",
    ),
    "Chang et al. 2008": Reference(
        authors="Kai-Wei Chang and Cho-Jui Hsieh and Chih-Jen Lin",
        title="Coordinate Descent Method for Large-scale L2-loss Linear Support Vector Machines",
        venue="Journal of Machine Learning Research 9, 1369-1398",
        year=2008,
    ),
    "Charoenphakdee et al. 2021": Reference(
        authors="Nontawat Charoenphakdee and Jayakorn Vongkulbhisal and Nuttapong Chairatanakul"
        " and Masashi Sugiyama",
        title="On Focal Loss for Class-Posterior Probability Estimation: A Theoretical Perspective",
        venue="Conference on Computer Vision and Pattern Recognition",
        year=2021,
        doi="10.1109/CVPR46437.2021.00516",
    ),
    "Chen et al. 2020": Reference(
        authors="Ting Chen and Simon Kornblith and Mohammad Norouzi and Geoffrey Hinton",
        title="A Simple Framework for Contrastive Learning of Visual Representations",
        venue="International Conference on Machine Learning",
        year=2020,
        doi="arXiv:2002.05709",
    ),
    "Cortes and Vapnik 1995": Reference(
        authors="Corinna Cortes and Vladimir Vapnik",
        title="Support-Vector Networks",
        venue="Machine Learning 20(3), 273-297",
        year=1995,
        doi="10.1007/BF00994018",
    ),
    "Cox 1958": Reference(
        authors="D. R. Cox",
        title="The Regression Analysis of Binary Sequences",
        venue="Journal of the Royal Statistical Society, Series B 20(2), 215-232",
        year=1958,
        doi="10.1111/j.2517-6161.1958.tb00292.x",
    ),
    "Crammer and Singer 2001": Reference(
        authors="Koby Crammer and Yoram Singer",
        title="On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines",
        venue="Journal of Machine Learning Research 2, 265-292",
        year=2001,
    ),
    "Dice 1945": Reference(
        authors="Lee R. Dice",
        title="Measures of the Amount of Ecologic Association Between Species",
        venue="Ecology 26(3), 297-302",
        year=1945,
        doi="10.2307/1932409",
    ),
    "Gneiting 2011": Reference(
        authors="Tilmann Gneiting",
        title="Making and Evaluating Point Forecasts",
        venue="Journal of the American Statistical Association 106(494), 746-762",
        year=2011,
        doi="arXiv:0912.0902",
    ),
    "Gneiting and Raftery 2007": Reference(
        authors="Tilmann Gneiting and Adrian E. Raftery",
        title="Strictly Proper Scoring Rules, Prediction, and Estimation",
        venue="Journal of the American Statistical Association 102(477), 359-378",
        year=2007,
        doi="10.1198/016214506000001437",
    ),
    "Good 1952": Reference(
        authors="I. J. Good",
        title="Rational Decisions",
        venue="Journal of the Royal Statistical Society, Series B 14(1), 107-114",
        year=1952,
        doi="10.1111/j.2517-6161.1952.tb00104.x",
    ),
    "Goodfellow et al. 2014": Reference(
        authors="Ian J. Goodfellow and Jean Pouget-Abadie and Mehdi Mirza and Bing Xu and David Warde-Farley"
        " and Sherjil Ozair and Aaron Courville and Yoshua Bengio",
        title="Generative Adversarial Nets",
        venue="Advances in Neural Information Processing Systems 27",
        year=2014,
        doi="arXiv:1406.2661",
    ),
    "Green 1990": Reference(
        authors="Peter J. Green",
        title="Bayesian Reconstructions from Emission Tomography Data Using a Modified EM Algorithm",
        venue="IEEE Transactions on Medical Imaging 9(1), 84-93",
        year=1990,
        doi="10.1109/42.52985",
    ),
    "Gutmann and Hyvärinen 2010": Reference(
        authors="Michael Gutmann and Aapo Hyvärinen",
        title="Noise-contrastive estimation: A new estimation principle for unnormalized statistical models",
        venue="International Conference on Artificial Intelligence and Statistics, PMLR 9, 297-304",
        year=2010,
    ),
    "Hadsell et al. 2006": Reference(
        authors="Raia Hadsell and Sumit Chopra and Yann LeCun",
        title="Dimensionality Reduction by Learning an Invariant Mapping",
        venue="IEEE Conference on Computer Vision and Pattern Recognition, 1735-1742",
        year=2006,
        doi="10.1109/CVPR.2006.100",
    ),
    "Hang et al. 2023": Reference(
        authors="Tiankai Hang and Shuyang Gu and Chen Li and Jianmin Bao and Dong Chen and Han Hu"
        " and Xin Geng and Baining Guo",
        title="Efficient Diffusion Training via Min-SNR Weighting Strategy",
        venue="IEEE/CVF International Conference on Computer Vision",
        year=2023,
        doi="arXiv:2303.09556",
    ),
    "Hastie et al. 2009": Reference(
        authors="Trevor Hastie and Robert Tibshirani and Jerome Friedman",
        title="The Elements of Statistical Learning: Data Mining, Inference, and Prediction",
        venue="Springer, second edition",
        year=2009,
        doi="10.1007/978-0-387-84858-7",
    ),
    "Herbrich et al. 2000": Reference(
        authors="Ralf Herbrich and Thore Graepel and Klaus Obermayer",
        title="Large Margin Rank Boundaries for Ordinal Regression",
        venue="Advances in Large Margin Classifiers, MIT Press, 115-132",
        year=2000,
    ),
    "Higgins et al. 2017": Reference(
        authors="Irina Higgins and Loic Matthey and Arka Pal and Christopher Burgess and Xavier Glorot"
        " and Matthew Botvinick and Shakir Mohamed and Alexander Lerchner",
        title="beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework",
        venue="International Conference on Learning Representations",
        year=2017,
    ),
    "Ho et al. 2020": Reference(
        authors="Jonathan Ho and Ajay Jain and Pieter Abbeel",
        title="Denoising Diffusion Probabilistic Models",
        venue="Advances in Neural Information Processing Systems 33",
        year=2020,
        doi="arXiv:2006.11239",
    ),
    "Hoerl and Kennard 1970": Reference(
        authors="Arthur E. Hoerl and Robert W. Kennard",
        title="Ridge Regression: Biased Estimation for Nonorthogonal Problems",
        venue="Technometrics 12(1), 55-67",
        year=1970,
        doi="10.1080/00401706.1970.10488634",
    ),
    "Huber 1964": Reference(
        authors="Peter J. Huber",
        title="Robust Estimation of a Location Parameter",
        venue="The Annals of Mathematical Statistics 35(1), 73-101",
        year=1964,
        doi="10.1214/aoms/1177703732",
    ),
    "Jaccard 1912": Reference(
        authors="Paul Jaccard",
        title="The Distribution of the Flora in the Alpine Zone",
        venue="New Phytologist 11(2), 37-50",
        year=1912,
        doi="10.1111/j.1469-8137.1912.tb05611.x",
    ),
    "Joachims 2002": Reference(
        authors="Thorsten Joachims",
        title="Optimizing Search Engines using Clickthrough Data",
        venue="ACM SIGKDD International Conference on Knowledge Discovery and Data Mining, 133-142",
        year=2002,
        doi="10.1145/775047.775067",
    ),
    "King and Zeng 2001": Reference(
        authors="Gary King and Langche Zeng",
        title="Logistic Regression in Rare Events Data",
        venue="Political Analysis 9(2), 137-163",
        year=2001,
        doi="10.1093/oxfordjournals.pan.a004868",
    ),
    "Kingma and Welling 2014": Reference(
        authors="Diederik P. Kingma and Max Welling",
        title="Auto-Encoding Variational Bayes",
        venue="International Conference on Learning Representations",
        year=2014,
        doi="arXiv:1312.6114",
    ),
    "Koenker and Bassett 1978": Reference(
        authors="Roger Koenker and Gilbert Bassett Jr.",
        title="Regression Quantiles",
        venue="Econometrica 46(1), 33-50",
        year=1978,
        doi="10.2307/1913643",
    ),
    "Kullback and Leibler 1951": Reference(
        authors="S. Kullback and R. A. Leibler",
        title="On Information and Sufficiency",
        venue="The Annals of Mathematical Statistics 22(1), 79-86",
        year=1951,
        doi="10.1214/aoms/1177729694",
    ),
    "Lee and Mangasarian 2001": Reference(
        authors="Yuh-Jye Lee and O. L. Mangasarian",
        title="SSVM: A Smooth Support Vector Machine for Classification",
        venue="Computational Optimization and Applications 20(1), 5-22",
        year=2001,
        doi="10.1023/A:1011215321374",
    ),
    "Legendre 1805": Reference(
        authors="Adrien-Marie Legendre",
        title="Nouvelles méthodes pour la détermination des orbites des comètes",
        venue="Firmin Didot, Paris",
        year=1805,
    ),
    "Lin et al. 2017": Reference(
        authors="Tsung-Yi Lin and Priya Goyal and Ross Girshick and Kaiming He and Piotr Dollár",
        title="Focal Loss for Dense Object Detection",
        venue="IEEE International Conference on Computer Vision",
        year=2017,
        doi="arXiv:1708.02002",
    ),
    "Long et al. 2015": Reference(
        authors="Jonathan Long and Evan Shelhamer and Trevor Darrell",
        title="Fully Convolutional Networks for Semantic Segmentation",
        venue="IEEE Conference on Computer Vision and Pattern Recognition, 3431-3440",
        year=2015,
        doi="arXiv:1411.4038",
    ),
    "Loshchilov and Hutter 2019": Reference(
        authors="Ilya Loshchilov and Frank Hutter",
        title="Decoupled Weight Decay Regularization",
        venue="International Conference on Learning Representations",
        year=2019,
        doi="arXiv:1711.05101",
    ),
    "McCullagh and Nelder 1989": Reference(
        authors="P. McCullagh and J. A. Nelder",
        title="Generalized Linear Models",
        venue="Chapman and Hall, second edition",
        year=1989,
        doi="10.1007/978-1-4899-3242-6",
    ),
    "Milletari et al. 2016": Reference(
        authors="Fausto Milletari and Nassir Navab and Seyed-Ahmad Ahmadi",
        title="V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image Segmentation",
        venue="International Conference on 3D Vision, 565-571",
        year=2016,
        doi="arXiv:1606.04797",
    ),
    "Mukhoti et al. 2020": Reference(
        authors="Jishnu Mukhoti and Viveka Kulharia and Amartya Sanyal and Stuart Golodetz"
        " and Philip H. S. Torr and Puneet K. Dokania",
        title="Calibrating Deep Neural Networks using Focal Loss",
        venue="Advances in Neural Information Processing Systems 33",
        year=2020,
        doi="arXiv:2002.09437",
    ),
    "Müller et al. 2019": Reference(
        authors="Rafael Müller and Simon Kornblith and Geoffrey Hinton",
        title="When Does Label Smoothing Help?",
        venue="Advances in Neural Information Processing Systems 32",
        year=2019,
        doi="arXiv:1906.02629",
    ),
    "Nelder and Wedderburn 1972": Reference(
        authors="J. A. Nelder and R. W. M. Wedderburn",
        title="Generalized Linear Models",
        venue="Journal of the Royal Statistical Society, Series A 135(3), 370-384",
        year=1972,
        doi="10.2307/2344614",
    ),
    "Rahman and Wang 2016": Reference(
        authors="Md Atiqur Rahman and Yang Wang",
        title="Optimizing Intersection-Over-Union in Deep Neural Networks for Image Segmentation",
        venue="International Symposium on Visual Computing, Lecture Notes in Computer Science 10072, 234-244",
        year=2016,
        doi="10.1007/978-3-319-50835-1_22",
    ),
    "Ronneberger et al. 2015": Reference(
        authors="Olaf Ronneberger and Philipp Fischer and Thomas Brox",
        title="U-Net: Convolutional Networks for Biomedical Image Segmentation",
        venue="Medical Image Computing and Computer-Assisted Intervention, Lecture Notes in Computer Science"
        " 9351, 234-241",
        year=2015,
        doi="arXiv:1505.04597",
    ),
    "Saleh and Saleh 2022": Reference(
        authors="Resve A. Saleh and A. K. Md. Ehsanes Saleh",
        title="Statistical Properties of the log-cosh Loss Function Used in Machine Learning",
        venue="arXiv preprint",
        year=2022,
        doi="arXiv:2208.04564",
    ),
    "Salehi et al. 2017": Reference(
        authors="Seyed Sadegh Mohseni Salehi and Deniz Erdogmus and Ali Gholipour",
        title="Tversky loss function for image segmentation using 3D fully convolutional deep networks",
        venue="Machine Learning in Medical Imaging, Lecture Notes in Computer Science 10541, 379-387",
        year=2017,
        doi="arXiv:1706.05721",
    ),
    "Salimans and Ho 2022": Reference(
        authors="Tim Salimans and Jonathan Ho",
        title="Progressive Distillation for Fast Sampling of Diffusion Models",
        venue="International Conference on Learning Representations",
        year=2022,
        doi="arXiv:2202.00512",
    ),
    "Schroff et al. 2015": Reference(
        authors="Florian Schroff and Dmitry Kalenichenko and James Philbin",
        title="FaceNet: A Unified Embedding for Face Recognition and Clustering",
        venue="IEEE Conference on Computer Vision and Pattern Recognition, 815-823",
        year=2015,
        doi="arXiv:1503.03832",
    ),
    "Szegedy et al. 2016": Reference(
        authors="Christian Szegedy and Vincent Vanhoucke and Sergey Ioffe and Jonathon Shlens"
        " and Zbigniew Wojna",
        title="Rethinking the Inception Architecture for Computer Vision",
        venue="IEEE Conference on Computer Vision and Pattern Recognition, 2818-2826",
        year=2016,
        doi="arXiv:1512.00567",
    ),
    "Tibshirani 1996": Reference(
        authors="Robert Tibshirani",
        title="Regression Shrinkage and Selection via the Lasso",
        venue="Journal of the Royal Statistical Society, Series B 58(1), 267-288",
        year=1996,
        doi="10.1111/j.2517-6161.1996.tb02080.x",
    ),
    "Tversky 1977": Reference(
        authors="Amos Tversky",
        title="Features of Similarity",
        venue="Psychological Review 84(4), 327-352",
        year=1977,
        doi="10.1037/0033-295X.84.4.327",
    ),
    "van den Oord et al. 2018": Reference(
        authors="Aaron van den Oord and Yazhe Li and Oriol Vinyals",
        title="Representation Learning with Contrastive Predictive Coding",
        venue="arXiv preprint",
        year=2018,
        doi="arXiv:1807.03748",
    ),
    "Weinberger and Saul 2009": Reference(
        authors="Kilian Q. Weinberger and Lawrence K. Saul",
        title="Distance Metric Learning for Large Margin Nearest Neighbor Classification",
        venue="Journal of Machine Learning Research 10, 207-244",
        year=2009,
    ),
    "Willmott and Matsuura 2005": Reference(
        authors="Cort J. Willmott and Kenji Matsuura",
        title="Advantages of the mean absolute error (MAE) over the root mean square error (RMSE) in"
        " assessing average model performance",
        venue="Climate Research 30(1), 79-82",
        year=2005,
        doi="10.3354/cr030079",
    ),
    "Zellner 1986": Reference(
        authors="Arnold Zellner",
        title="Bayesian Estimation and Prediction Using Asymmetric Loss Functions",
        venue="Journal of the American Statistical Association 81(394), 446-451",
        year=1986,
        doi="10.1080/01621459.1986.10478289",
    ),
    "Zou and Hastie 2005": Reference(
        authors="Hui Zou and Trevor Hastie",
        title="Regularization and variable selection via the elastic net",
        venue="Journal of the Royal Statistical Society, Series B 67(2), 301-320",
        year=2005,
        doi="10.1111/j.1467-9868.2005.00503.x",
    ),
}
